"""Confirmed overpayments as manual decisions, which stand in the next night's ledger.

In: the stored outcomes and what each claim was paid at the draw. Out: the `decisions` table of the contract. The
whole of it follows from the store, so it can be made and handed over again at any time. Source: rules.md §4. No
kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from daatgal.errors import InputError
from daatgal.review.findings import Standing, add_review
from daatgal.review.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from daatgal.review.outcomes import Cases, Id, Reviewed
    from daatgal.review.store import Recorded


class _Decided(NamedTuple):
    over_mnt: int
    """taken back from this claim; 0: nothing any more"""
    review: Reviewed
    at: datetime


def decisions_table(recorded: Sequence[Recorded], cases: Cases, copay_mnt: Mapping[Id, int]) -> pa.Table:
    """One row for each claim that was ever found overpaid.

    All of the fund's part wrong: `denied`, nothing paid. Some of it: `reduced`, the fund's part less the amount, the
    copayment as it was. No longer found overpaid: the decision is withdrawn. An amount found wrong on a case of several
    paid claims is shared out by what the fund paid for each, to the tögrög.
    """
    standing: Standing = {}
    latest: dict[Id, _Decided] = {}
    touched: dict[Id, list[Id]] = {}
    for record in recorded:
        case = record.review.case_id
        add_review(standing, record.review)
        now = _by_claim(standing[case], case, cases)
        before = touched.setdefault(case, [])
        before += [claim for claim in now if claim not in before]
        for claim in before:
            over_mnt, review = now.get(claim, (0, record.review))
            latest[claim] = _Decided(over_mnt, review, record.recorded_at)
    rows = [_row(claim, decided, cases, copay_mnt) for claim, decided in latest.items()]
    kind = pa.int64() if cases.whole_ids else pa.string()
    fields = [
        ("claim_id", kind), ("decision", pa.string()), ("fund_mnt", pa.int64()), ("copay_mnt", pa.int64()),
        ("who", pa.string()), ("why", pa.string()), ("at", pa.timestamp("s", "UTC")), ("withdrawn", pa.bool_()),
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema(fields))


def _by_claim(parts: dict[Id | None, Reviewed], case: Id, cases: Cases) -> dict[Id, tuple[int, Reviewed]]:
    """What is taken back from each claim."""
    found: dict[Id, tuple[int, Reviewed]] = {}
    for claim, review in parts.items():
        if review.outcome is not Outcome.OVERPAID:
            continue
        if claim is not None:
            found[claim] = (review.amount_mnt, review)
            continue
        paid = {name: amount or 0 for name, amount in cases.claims[case].items()}
        for name, amount in shared_out(review.amount_mnt, paid).items():
            if amount:
                found[name] = (amount, review)
    return found


def shared_out(amount_mnt: int, paid_mnt: Mapping[Id, int]) -> dict[Id, int]:
    """An amount over several claims in proportion to what was paid for each: largest remainder, the first of equals."""
    whole = sum(paid_mnt.values())
    if not 0 <= amount_mnt <= whole:
        raise InputError(
            f"overpayment: found {amount_mnt}, expected 0 to {whole}, which is what the fund paid"
        )
    if whole == 0:
        return dict.fromkeys(paid_mnt, 0)
    shares = {claim: amount_mnt * paid // whole for claim, paid in paid_mnt.items()}
    left = amount_mnt - sum(shares.values())
    order = sorted(paid_mnt, key=lambda claim: -(amount_mnt * paid_mnt[claim] % whole))
    for claim in order[:left]:
        shares[claim] += 1
    return shares


def _row(claim: Id, decided: _Decided, cases: Cases, copay_mnt: Mapping[Id, int]) -> dict[str, object]:
    paid = cases.claims[cases.case_of[claim]][claim] or 0
    fund_mnt = paid - decided.over_mnt
    withdrawn = decided.over_mnt == 0
    if withdrawn:
        outcome, copay = None, 0
    elif fund_mnt == 0:
        outcome, copay = "denied", 0
    else:
        outcome, copay = "reduced", copay_mnt[claim]
    return {
        "claim_id": claim,
        "decision": outcome,
        "fund_mnt": 0 if withdrawn else fund_mnt,
        "copay_mnt": copay,
        "who": decided.review.auditor,
        "why": decided.review.note or f"targeted sample: {decided.review.outcome}",
        "at": decided.at,
        "withdrawn": withdrawn,
    }

"""Manual decisions: outcomes that people set, standing until withdrawn.

In: the `decisions` table, and what earlier nights remember of it. Out: per judged claim the decision in force, and the
outcomes overridden by it. Source: rules.md §4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import nothing, pieces_of
from daatgal.decode.fixed import read_time_column, read_whole_column
from daatgal.decode.identity import is_integer_column, read_id_column
from daatgal.decode.text import read_text_column
from daatgal.errors import InputError
from daatgal.settlement import Settled
from daatgal_engine.reasons import Decision, Reason, bit
from daatgal_engine.written_values import ABSENT

MANUAL = {
    "manual_decision": pa.string(),
    "manual_fund_mnt": pa.int64(),
    "manual_copay_mnt": pa.int64(),
    "manual_at": pa.timestamp("s"),
    "manual_withdrawn": pa.bool_(),
}
"""The columns of a decision in force, and their types."""
DECIDABLE = {name.lower(): Decision[name] for name in ("PAID", "REDUCED", "DENIED")}
TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LARGEST = 2**63 - 1
_Record = tuple[str | None, int, int, int, bool]
"""decision, fund_mnt, copay_mnt, at_s, withdrawn"""


class Decided(NamedTuple):
    """The decisions of a run, row by row as they were given."""

    claim_id: pa.ChunkedArray
    decision: list[str | None]
    fund_mnt: list[int]
    """0 where null: only a withdrawal may leave an amount out."""
    copay_mnt: list[int]
    at_s: list[int]
    withdrawn: list[bool]


def read_decisions(table: pa.Table, timezone: str) -> Decided:
    """Check the decisions table; InputError names the row that cannot stand."""
    missing = [name for name in ("claim_id", "decision", "at") if name not in table.column_names]
    if missing:
        raise InputError(
            f"decisions: found no column {', '.join(missing)}; "
            "expected claim_id, decision, fund_mnt, copay_mnt, who, why, at, withdrawn"
        )
    rows = table.num_rows

    def texts(name: str) -> list[str | None]:
        if name not in table.column_names:
            return [None] * rows
        column = table[name].cast(pa.string())
        return read_text_column(pieces_of(column, 0), rows)[0].to_pylist()

    def amounts(name: str) -> list[int | None]:
        if name not in table.column_names:
            return [None] * rows
        column = read_whole_column(pieces_of(table[name], 0), rows, _LARGEST)
        if column.unreadable is not None and column.unreadable.any():
            row = int(np.flatnonzero(column.unreadable)[0])
            raise InputError(
                f"decisions row {row}: found {name} {table[name][row].as_py()!r}, expected whole tögrög"
            )
        return [None if value == ABSENT else int(value) for value in column.values]

    times = read_time_column(pieces_of(table["at"], 0), rows, timezone)
    withdrawn = [TRUTH.get((text or "false").lower()) for text in texts("withdrawn")]
    fund_mnt, copay_mnt = amounts("fund_mnt"), amounts("copay_mnt")
    decided = Decided(
        table["claim_id"], texts("decision"), [value or 0 for value in fund_mnt], [value or 0 for value in copay_mnt],
        [int(value) for value in times.values], [bool(flag) for flag in withdrawn],
    )  # fmt: skip
    for row in range(rows):
        if times.values[row] == ABSENT:
            raise InputError(f"decisions row {row}: found no readable `at`, expected when it was decided")
        if withdrawn[row] is None:
            raise InputError(
                f"decisions row {row}: found withdrawn {texts('withdrawn')[row]!r}, expected true or false"
            )
        if not decided.withdrawn[row] and decided.decision[row] not in DECIDABLE:
            raise InputError(
                f"decisions row {row}: found decision {decided.decision[row]!r}, expected paid, reduced or denied"
            )
        if not decided.withdrawn[row] and (fund_mnt[row] is None or copay_mnt[row] is None):
            raise InputError(f"decisions row {row}: found no amount, expected both fund_mnt and copay_mnt")
        if decided.fund_mnt[row] < 0 or decided.copay_mnt[row] < 0:
            raise InputError(f"decisions row {row}: found a negative amount, expected both amounts ≥ 0")
    return decided


def decisions_in_force(
    claim_ids: pa.ChunkedArray, earlier: pa.Table | None, decided: Decided | None
) -> pa.Table:
    """Per judged claim (new ones first, then the earlier ones) the latest decision, withdrawn ones included.

    The latest `at` wins. Of several at one instant a withdrawal does, then the least fund part, then the least
    copayment: neither the order of a table nor the night on which one was given may say what is paid.
    """
    rows = len(claim_ids)
    known = 0 if earlier is None else earlier.num_rows
    latest: dict[int, _Record] = {}
    if earlier is not None:
        at_s = earlier["manual_at"].cast(pa.int64())
        for place in np.flatnonzero(pc.is_valid(at_s).to_numpy()):
            record = [earlier[name][int(place)].as_py() for name in MANUAL if name != "manual_at"]
            latest[rows - known + int(place)] = (
                record[0],
                record[1],
                record[2],
                at_s[int(place)].as_py(),
                record[3],
            )
    if decided is not None:
        ids = _like(decided.claim_id, claim_ids)
        places = pc.index_in(ids, value_set=claim_ids.combine_chunks(), skip_nulls=True).to_pylist()
        for row, place in enumerate(places):
            record = (
                decided.decision[row], decided.fund_mnt[row], decided.copay_mnt[row],
                decided.at_s[row], decided.withdrawn[row],
            )  # fmt: skip
            if place is not None and (place not in latest or _rank(record) > _rank(latest[place])):
                latest[place] = record
    return _as_table(rows, latest)


def _rank(record: _Record) -> tuple[int, bool, int, int, str]:
    """The greatest wins; equal ranks are equal decisions."""
    decision, fund_mnt, copay_mnt, at_s, withdrawn = record
    return at_s, withdrawn, -fund_mnt, -copay_mnt, decision or ""


def without_claim(decided: Decided, claim_ids: pa.ChunkedArray) -> pa.Array:
    """The claim ids of decisions on claims that neither the night nor the history has, each once, in their order."""
    ids = _like(decided.claim_id, claim_ids)
    known = pc.is_in(ids, value_set=claim_ids.combine_chunks())
    return pc.unique(ids.filter(pc.invert(known)))


def _like(decided: pa.ChunkedArray, claim_ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """The claim ids of decisions in the type of the claims' ids; InputError names the row without one."""
    read = read_id_column(pieces_of(decided, 0), len(decided), integers=is_integer_column(claim_ids))
    absent = np.flatnonzero(pc.is_null(read.column).to_numpy())
    if absent.size:
        found = decided[int(absent[0])].as_py()
        raise InputError(
            f"decisions row {absent[0]}: found claim_id {found!r}, expected an id as the claims have it"
        )
    return read.column


def _as_table(rows: int, latest: dict[int, _Record]) -> pa.Table:
    if not latest:
        return pa.table({name: nothing(rows, kind) for name, kind in MANUAL.items()})
    places = np.full(rows, -1, np.int64)
    places[list(latest)] = np.arange(len(latest))
    take = pa.array(places, mask=places < 0)
    columns = zip(MANUAL.items(), zip(*latest.values(), strict=True), strict=True)
    return pa.table({name: pa.array(list(values), kind).take(take) for (name, kind), values in columns})


def overridden(settled: Settled, manual: pa.Table, claim_ids: pa.ChunkedArray) -> Settled:
    """The outcomes with decisions in force: excess 0, deducted the rest, MANUAL the first reason.

    On a voided claim a decision sleeps. InputError where fund + copay exceed the gross amount.
    """
    in_force = pc.and_(
        pc.is_valid(manual["manual_at"]), pc.invert(pc.fill_null(manual["manual_withdrawn"], True))
    )
    places = np.flatnonzero(in_force.to_numpy())
    places = places[settled.claims.decision[places] != Decision.VOIDED]
    if places.size == 0:
        return settled
    chosen = manual.take(pa.array(places))
    fund_mnt, copay_mnt = chosen["manual_fund_mnt"].to_numpy(), chosen["manual_copay_mnt"].to_numpy()
    gross_mnt = settled.claims.gross_mnt[places]
    beyond = np.flatnonzero((fund_mnt > gross_mnt) | (copay_mnt > gross_mnt - fund_mnt))
    if beyond.size:
        claim = claim_ids[int(places[beyond[0]])].as_py()
        raise InputError(
            f"decision on claim {claim!r}: found fund {fund_mnt[beyond[0]]} + copay {copay_mnt[beyond[0]]}, "
            f"expected at most its gross amount {gross_mnt[beyond[0]]}"
        )
    columns = settled.claims.copy()
    columns.decision[places] = [DECIDABLE[name] for name in chosen["manual_decision"].to_pylist()]
    columns.fund_mnt[places] = fund_mnt
    columns.copay_mnt[places] = copay_mnt
    columns.excess_mnt[places] = 0
    columns.deducted_mnt[places] = gross_mnt - fund_mnt - copay_mnt
    columns.reasons[places] |= bit(Reason.MANUAL)
    return Settled(columns)

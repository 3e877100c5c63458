"""The work list: one row a drawn case with what an auditor needs to review it, blind until a first outcome is stored.

In: the sample, the ledger as it stood at the draw. Out: two tables, cases and their claims. At first review no table
has a column, an order or a value that tells why a case was drawn: source, stratum, score, weight and reasons of
*every* case stay away, for a row without them would tell that it is random. No kernel lives here. Source: audit.md §2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import InputError
from daatgal.review.peers import peer_medians
from daatgal.review.pseudonyms import pseudonyms
from daatgal.review.words import outcome_words, reason_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daatgal.review.claims_at_draw import Anomaly
    from daatgal.review.drawn import Drawn
    from daatgal.review.outcomes import Id
    from daatgal.review.words import Language

LEDGER_COLUMNS: Final = (
    "claim_id", "insured_id", "facility_id", "care_type", "start_at", "end_at", "decision", "drg_code",
    "gross_mnt", "fund_mnt", "copay_mnt", "reasons", "related_claim_id",
)  # fmt: skip
HINTS: Final = (
    "first_outcome", "source", "stratum", "score", "percentile", "inclusion_probability", "weight",
    "reason_codes", "reasons", "evidence",
)  # fmt: skip
"""What stays hidden at first review."""
ENTRY: Final = ("outcome", "amount_mnt", "auditor", "reviewed_at", "note")
"""What the auditor fills in."""


class Insured(NamedTuple):
    """How insured persons are shown."""

    key: bytes | None
    """None: not at all, unless `openly`"""
    openly: bool = False


class Opened(NamedTuple):
    """What an open list shows."""

    first_outcome: Mapping[Id, str]
    """by case: only cases that have one are listed"""
    anomalies: Mapping[Id, list[Anomaly]]
    """by claim"""


class WorkList(NamedTuple):
    """The tables of a list; columns by their own names."""

    cases: pa.Table
    claims: pa.Table


def work_list(
    drawn: Drawn,
    standing: pa.Table,
    auditor: Mapping[Id, str],
    insured: Insured,
    opened: Opened | None,
    lang: Language,
) -> WorkList:
    """The list of a sample. `standing`: the draw's ledger with LEDGER_COLUMNS; `auditor`: by case.

    `opened` is None for a blind list; else the first outcome of each case that has one, and only these cases are
    listed.
    """
    sample = drawn.sample
    if opened is not None:
        sample = sample.filter(
            pc.is_in(sample["case_id"], value_set=pa.array(opened.first_outcome, sample["case_id"].type))
        )
    order = [("facility_id", "ascending"), ("case_text", "ascending")]
    sample = sample.append_column("case_text", sample["case_id"].cast(pa.string())).sort_by(order)
    claims = _claims_of(sample, standing)
    with_peers = _with_peers(sample, claims, standing)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "case_id": sample["case_id"],
        "claims": pa.array(
            [", ".join(map(str, ids)) for ids in sample["claim_ids"].to_pylist()], pa.string()
        ),
    }
    columns |= _insured(with_peers["insured_id"], insured)
    columns |= {name: sample[name] for name in ("facility_id", "region", "level", "care_type")}
    columns |= {
        name: with_peers[name] for name in ("start_at", "end_at", "drg_code", "gross_mnt", "copay_mnt")
    }
    columns["amount_at_risk_mnt"] = sample["amount_mnt"]
    columns |= {name: with_peers[name] for name in ("peer_cases", "peer_median_mnt")}
    if opened is not None:
        columns |= _hints(sample, claims, opened, lang)
    rows = sample.num_rows
    columns |= {
        "outcome": pa.nulls(rows, pa.string()),
        "amount_mnt": pa.nulls(rows, pa.int64()),
        "auditor": pa.array([auditor.get(case) for case in sample["case_id"].to_pylist()], pa.string()),
        "reviewed_at": pa.nulls(rows, pa.timestamp("s")),
        "note": pa.nulls(rows, pa.string()),
    }
    shown = ["case_id", *LEDGER_COLUMNS[:1], *LEDGER_COLUMNS[2:11]]
    return WorkList(pa.table(columns), claims.select(shown))


def _claims_of(sample: pa.Table, standing: pa.Table) -> pa.Table:
    """The claims of the cases, case by case in the order of the sample."""
    lists = sample["claim_ids"].combine_chunks()
    ids = pc.list_flatten(lists)
    rows = pc.index_in(ids, value_set=standing["claim_id"].combine_chunks())
    if rows.null_count:
        absent = ids.filter(pc.is_null(rows))[0].as_py()
        raise InputError(
            f"history: found no claim {absent!r}, expected the nights that the sample was drawn from"
        )
    claims = standing.take(rows)
    claims = claims.set_column(
        claims.schema.get_field_index("decision"), "decision", claims["decision"].cast(pa.string())
    )
    return claims.append_column(
        "case_id", sample["case_id"].combine_chunks().take(pc.list_parent_indices(lists))
    )


def _with_peers(sample: pa.Table, claims: pa.Table, standing: pa.Table) -> pa.Table:
    """One row a case: what its paid claim (the first) says, sums over its claims, and its peers."""
    places = dict(
        zip(
            sample["facility_id"].to_pylist(),
            zip(sample["level"].to_pylist(), sample["region"].to_pylist(), strict=True),
            strict=True,
        )
    )
    payable = standing.filter(pc.is_in(standing["decision"].cast(pa.string()), pa.array(["paid", "reduced"])))
    payable = payable.filter(pc.is_in(payable["facility_id"], value_set=pa.array(list(places), pa.string())))
    where = [places[name] for name in payable["facility_id"].to_pylist()]
    keys = payable.select(["care_type", "drg_code"])
    keys = keys.append_column("level", pa.array([str(level) for level, _ in where], pa.string()))
    keys = keys.append_column("region", pa.array([region for _, region in where], pa.string()))
    peers, median = peer_medians(keys, payable["gross_mnt"].to_numpy())
    count = pc.list_value_length(sample["claim_ids"]).to_numpy()
    first = np.cumsum(count) - count
    heads = claims.take(pa.array(first))
    row = pc.index_in(heads["claim_id"], value_set=payable["claim_id"].combine_chunks())
    for name, values in (("peer_cases", peers), ("peer_median_mnt", median)):
        heads = heads.append_column(name, pa.chunked_array([pa.array(values)]).take(row))
    for name in ("gross_mnt", "copay_mnt"):
        sums = np.add.reduceat(claims[name].to_numpy(), first) if count.size else np.zeros(0, np.int64)
        heads = heads.set_column(heads.schema.get_field_index(name), name, pa.array(sums))
    for name, pick in (("start_at", np.minimum), ("end_at", np.maximum)):
        seconds = claims[name].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
        span = pick.reduceat(seconds, first) if count.size else np.zeros(0, np.int64)
        times = pa.array(span).cast(pa.timestamp("s"))
        heads = heads.set_column(heads.schema.get_field_index(name), name, times)
    return heads


def _insured(ids: pa.ChunkedArray, insured: Insured) -> dict[str, pa.Array | pa.ChunkedArray]:
    if insured.openly:
        return {"insured_id": ids}
    if insured.key is None:
        return {}
    return {"insured": pa.array(pseudonyms(ids.to_pylist(), insured.key), pa.string())}


def _hints(
    sample: pa.Table, claims: pa.Table, opened: Opened, lang: Language
) -> dict[str, pa.Array | pa.ChunkedArray]:
    evidence: dict[Id, list[str]] = {}
    told: dict[Id, dict[str, str]] = {}
    for case, claim, codes, related in zip(
        claims["case_id"].to_pylist(),
        claims["claim_id"].to_pylist(),
        claims["reasons"].to_pylist(),
        claims["related_claim_id"].to_pylist(),
        strict=True,
    ):
        words = "; ".join(reason_words(code, lang) for code in codes or [])
        lines = evidence.setdefault(case, [])
        if words or related is not None:
            lines.append(f"{claim}: {words}" + ("" if related is None else f" → {related}"))
        for anomaly in opened.anomalies.get(claim, []):
            text = anomaly.text_mn if lang == "mn" else anomaly.text_en
            lines.append(f"{claim}: {text} ({anomaly.share:.0%})")
            told.setdefault(case, {}).setdefault(anomaly.code, text)
    cases: list[Id] = sample["case_id"].to_pylist()
    listed = [codes or [] for codes in sample["reasons"].to_pylist()]
    reasons = [
        "; ".join(told.get(case, {}).get(code) or reason_words(code, lang) for code in codes)
        for case, codes in zip(cases, listed, strict=True)
    ]
    first = [outcome_words(opened.first_outcome[case], lang) for case in cases]
    return (
        {"first_outcome": pa.array(first, pa.string())}
        | {name: sample[name] for name in HINTS[1:7]}
        | {
            "reason_codes": pa.array([", ".join(codes) for codes in listed], pa.string()),
            "reasons": pa.array(reasons, pa.string()),
            "evidence": pa.array(["\n".join(evidence.get(case, [])) for case in cases], pa.string()),
        }
    )

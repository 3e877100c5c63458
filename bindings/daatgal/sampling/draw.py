"""The draw: permanent random numbers for the cases of a plan, and the two tables that come of it.

In: a plan, a key. Out: `frame`, every case with its stratum, and `sample`, the drawn ones with probability, weight and
what is known of them; both in the order of the case ids. Source: audit.md §4. No kernel lives here.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from daatgal.sampling.frame import texts_of
from daatgal.sampling.plan import sizes_for_pareto
from daatgal_engine.sampling import pareto_ranks, smallest_of_each

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daatgal.sampling.frame import F64, Frame
    from daatgal.sampling.plan import Plan
    from daatgal_engine.columns import U64

BLOCK_BYTES = 64
"""Of SHA-256."""


def random_numbers(key: bytes, texts: Iterable[str]) -> U64:
    """The first 8 bytes, big endian, of HMAC-SHA256(key, id) for each id; u = number / 2**64.

    HMAC as RFC 2104 has it, with the two states that depend on the key alone computed once: half the time of asking
    `hmac.digest` for each id, which hashes the key's blocks anew (the tests compare the two).
    """
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
    numbers = bytearray()
    for text in texts:
        first = inner.copy()
        first.update(text.encode())
        second = outer.copy()
        second.update(first.digest())
        numbers += second.digest()[:8]
    return np.frombuffer(bytes(numbers), ">u8").astype(np.uint64)


def drawn_cases(plan: Plan, numbers: U64) -> npt.NDArray[np.bool_]:
    """Whether each case of the frame is drawn."""
    if plan.design.draw.method == "simple":
        return smallest_of_each(plan.index, numbers, plan.drawn)
    ranks = pareto_ranks(plan.index, numbers, sizes_for_pareto(plan.frame, plan.design), plan.drawn)
    return smallest_of_each(plan.index, ranks.rank, plan.drawn)


def frame_table(plan: Plan) -> pa.Table:
    """Every case of the frame: what the draw is a function of."""
    frame = plan.frame
    names = [stratum.name for stratum in plan.strata]
    sources = [stratum.source for stratum in plan.strata]
    index = pa.array(plan.index)
    return pa.table(
        {
            "case_id": frame.case_id,
            "stratum": pa.array(names, pa.string()).take(index),
            "source": pa.array(sources, pa.string()).take(index),
            "facility_id": frame.facility_id,
            "care_type": frame.care_type,
            "region": frame.region,
            "level": frame.level,
            "gross_mnt": pa.array(frame.gross_mnt),
            "amount_mnt": pa.array(frame.amount_mnt),
            "score": _or_null(frame.score),
            "percentile": _or_null(frame.percentile),
            "inclusion_probability": pa.array(plan.probability),
        }
    )


def drawn_table(plan: Plan, numbers: U64) -> pa.Table:
    """The drawn cases with the frame's columns, weight (1 / probability) and u (the number)."""
    rows = np.flatnonzero(drawn_cases(plan, numbers))
    return (
        frame_table(plan)
        .take(pa.array(rows))
        .append_column("weight", pa.array(1.0 / plan.probability[rows]))
        .append_column("u", pa.array(numbers[rows]))
    )


def sample_table(plan: Plan, numbers: U64) -> pa.Table:
    """The drawn cases, as `drawn_table` has them, with claim_ids and reasons."""
    rows = np.flatnonzero(drawn_cases(plan, numbers))
    claim_ids, reasons = _claims_of(plan.frame, rows.tolist())
    table = drawn_table(plan, numbers)
    return table.add_column(1, "claim_ids", claim_ids).append_column("reasons", reasons)


def draw(plan: Plan, key: bytes) -> pa.Table:
    """The sample of a plan under a key."""
    return sample_table(plan, random_numbers(key, texts_of(plan.frame.case_id)))


def _or_null(values: F64) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _claims_of(frame: Frame, cases: list[int]) -> tuple[pa.Array, pa.Array]:
    """The claim ids of each case, its paid claim first, and the codes of its claims: rules, then anomalies."""
    ids: list[list[object]] = []
    codes: list[list[str]] = []
    for case in cases:
        claims = frame.claims.slice(int(frame.offset[case]), int(frame.offset[case + 1] - frame.offset[case]))
        ids.append(claims["claim_id"].to_pylist())
        found: list[str] = []
        for name in ("reasons", "score_reasons"):
            found += [
                code for listed in claims[name].to_pylist() for code in listed or [] if code is not None
            ]
        codes.append(list(dict.fromkeys(found)))
    claim_type = frame.claims.schema.field("claim_id").type
    return pa.array(ids, pa.list_(claim_type)), pa.array(codes, pa.list_(pa.string()))

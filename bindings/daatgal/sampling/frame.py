"""The frame of a month: the cases that can be drawn, in the order of their ids.

In: the standing claims of a month, where facilities are. Out: `Frame`. A case's amount is the sum of fund_mnt over its
claims of the month, its score and percentile the largest of them; its facility and care type are those of its paid
claim (of several, the one with the largest fund_mnt, then the first by id). Cases are ordered by the UTF-8 bytes of
their ids as text. Source: audit.md §4. No kernel lives here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import AmountError, InputError

if TYPE_CHECKING:
    from daatgal.sampling.places import Places
    from daatgal_engine.columns import I64

F64 = npt.NDArray[np.float64]
PAYABLE = ("paid", "reduced")
_SAFE_MNT = 2.0**61
"""Sums below it can be added and doubled in int64."""


@dataclass(frozen=True)
class Frame:
    """The cases of a month, one by one; `n` of them, sorted by id."""

    month: str
    month_claims: int
    """the month's claims that are not voided, whether they are in the frame or not"""
    case_id: pa.Array
    """as in the ledger"""
    facility_id: pa.Array
    care_type: pa.Array
    region: pa.Array
    level: pa.Array
    amount_mnt: I64
    gross_mnt: I64
    score: F64
    """NaN where no claim of the case has one"""
    percentile: F64
    claims: pa.Table
    """the standing claims of the cases, case by case"""
    offset: I64
    """i64[n + 1]: where each case's claims begin in `claims`"""

    @property
    def cases(self) -> int:
        """How many there are."""
        return self.amount_mnt.size

    @property
    def scored(self) -> int:
        """How many have a percentile."""
        return int(np.isfinite(self.percentile).sum())


def texts_of(case_id: pa.Array) -> list[str]:
    """Ids as text: whole numbers in decimal."""
    return case_id.cast(pa.string()).to_pylist()


def frame_sha256(texts: list[str]) -> str:
    """The hash that freezes a frame: of its sorted case ids, a line each; as `LC_ALL=C sort ids | sha256sum`."""
    return hashlib.sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest()


def build_frame(standing: pa.Table, month: str, unit: str, places: Places) -> Frame:
    """The frame of a month's standing claims. `unit`: `case` or `claim`.

    Raises InputError where no case of the month is paid or reduced, AmountError where sums do not fit into 64 bits.
    """
    key = "case_id" if unit == "case" else "claim_id"
    payable = pc.is_in(standing["decision"], value_set=pa.array(PAYABLE)).cast(pa.int8())
    rows = standing.append_column("case_text", standing[key].cast(pa.string()))
    rows = rows.append_column("claim_text", standing["claim_id"].cast(pa.string())).append_column(
        "payable", payable
    )
    order: list[tuple[str, str]] = [
        ("case_text", "ascending"),
        ("payable", "descending"),
        ("fund_mnt", "descending"),
        ("claim_text", "ascending"),
    ]
    rows = rows.sort_by(order)
    # Payable claims come first within their case: a case whose first claim is not has none, and is not in the frame.
    rows, first = _cases_of(rows)
    rows = rows.filter(pa.array(np.repeat(rows["payable"].to_numpy()[first[:-1]] > 0, np.diff(first))))
    rows, first = _cases_of(rows)
    if rows.num_rows == 0:
        raise InputError(
            f"month {month}: none of its {standing.num_rows:,} claims is paid or reduced: nothing to draw from"
        )
    heads = rows.take(pa.array(first[:-1]))
    region, level = places.of(heads["facility_id"])
    return Frame(
        month=month,
        month_claims=standing.num_rows,
        case_id=heads[key].combine_chunks(),
        facility_id=heads["facility_id"].cast(pa.string()).combine_chunks(),
        care_type=heads["care_type"].cast(pa.string()).combine_chunks(),
        region=region,
        level=level,
        amount_mnt=_sums(rows, "fund_mnt", first),
        gross_mnt=_sums(rows, "gross_mnt", first),
        score=_largest(rows["score"], first),
        percentile=_largest(rows["percentile"], first),
        claims=rows.drop_columns(["case_text", "claim_text", "payable"]),
        offset=first,
    )


def _cases_of(rows: pa.Table) -> tuple[pa.Table, I64]:
    """The rows, and where each case begins, with the end at the end."""
    text = rows["case_text"].combine_chunks()
    if len(text) == 0:
        return rows, np.zeros(1, np.int64)
    changes = pc.not_equal(text.slice(1), text.slice(0, len(text) - 1)).to_numpy(zero_copy_only=False)
    inner = np.flatnonzero(changes).astype(np.int64) + 1
    return rows, np.concatenate([np.zeros(1, np.int64), inner, np.full(1, len(text), np.int64)])


def _sums(rows: pa.Table, name: str, first: I64) -> I64:
    values = rows[name].to_numpy()
    if float(values.astype(np.float64).sum()) > _SAFE_MNT:
        raise AmountError(
            f"the sum of {name} over the frame does not fit into 64 bits; expected it below 2**61 ₮"
        )
    return np.add.reduceat(values, first[:-1])


def _largest(column: pa.ChunkedArray, first: I64) -> F64:
    values: Any = column.cast(pa.float64()).to_numpy()
    largest = np.fmax.reduceat(np.asarray(values, np.float64), first[:-1])
    return np.where(np.isfinite(largest), largest, np.nan)

"""Control totals of the tables as they pass on their way to disk.

In: ledger, quarantine and score batches. Out: counts and exact sums by decision, by reason, by quarantine code and by
driver, and the proof that every ledger row balances and every score is one. Works on whole columns with Arrow and
NumPy. No kernel lives here.
"""

from collections import Counter
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import OutputError

PERCENTILES = (50, 90, 95, 99)
"""Scores at or over these percentiles are counted."""
SPLIT_MNT = ("fund_mnt", "copay_mnt", "excess_mnt", "deducted_mnt")
AMOUNTS = ("gross_mnt", *SPLIT_MNT)
SHARES_ERR = 1e-9
"""What the shares of a claim may add up to over 1, in float64."""
_LOW = (1 << 32) - 1


class LedgerTotals:
    """Counts and exact sums of ledger rows, batch by batch."""

    def __init__(self) -> None:
        self.rows = 0
        self._decisions: dict[str, Counter[str]] = {}
        self._reasons: dict[str, Counter[str]] = {}

    def add(self, batch: pa.Table) -> None:
        """Check and count one batch; a row that does not balance stops the run and names the claim."""
        row = first_unbalanced(batch)
        if row is not None:
            amounts = {name: batch[name][row].as_py() for name in AMOUNTS}
            claim = batch["claim_id"][row].as_py()
            message = (
                f"ledger row {self.rows + row}, claim {claim}: expected "
                f"gross = fund + copay + excess + deducted with all of them ≥ 0, found {amounts}"
            )
            raise OutputError(message)
        self.rows += batch.num_rows
        _add_sums(self._decisions, _strings(batch["decision"]), batch.select(list(AMOUNTS)), "rows")
        self._add_reasons(batch)

    def _add_reasons(self, batch: pa.Table) -> None:
        reasons = batch["reasons"]
        carried = _strings(pc.list_flatten(reasons))
        for reason, count in _value_counts(carried):
            self._reasons.setdefault(reason, Counter())["claims"] += count
        nothing: Any = pa.scalar(0)
        given: Any = pc.greater(pc.list_value_length(reasons), nothing)
        took: Any = pc.not_equal(_strings(batch["decision"]), pa.scalar("paid"))
        for name in ("excess_mnt", "deducted_mnt"):
            took = pc.or_(took, pc.greater(batch[name], nothing))
        decided = batch.filter(pc.and_(given, took))
        if decided.num_rows:
            deciding = _strings(pc.list_element(decided["reasons"], 0))
            _add_sums(self._reasons, deciding, decided.select(["excess_mnt", "deducted_mnt"]), "deciding")

    def as_dict(self) -> dict[str, Any]:
        """By decision: rows and sums. By reason: claims that carry it, that it decides, what it took off."""
        names = ("claims", "deciding", "excess_mnt", "deducted_mnt")
        return {
            "decisions": {key: dict(self._decisions[key]) for key in sorted(self._decisions)},
            "reasons": {
                key: {name: self._reasons[key][name] for name in names} for key in sorted(self._reasons)
            },
        }


class QuarantineTotals:
    """Counts of quarantined rows by code, and by facility where one can be read."""

    def __init__(self) -> None:
        self.rows = 0
        self._codes: Counter[str] = Counter()
        self._facilities: Counter[str] = Counter()

    def add(self, batch: pa.Table) -> None:
        """Count one batch."""
        self.rows += batch.num_rows
        codes = _strings(pc.list_flatten(batch["error_codes"]))
        for code, count in _value_counts(codes):
            self._codes[code] += count
        if "facility_id" in batch.column_names:
            for facility, count in _value_counts(_strings(batch["facility_id"].drop_null())):
                self._facilities[facility] += count

    def as_dict(self) -> dict[str, Any]:
        """By code, and the ten facilities with the most rows."""
        worst = sorted(self._facilities.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
        return {"codes": dict(sorted(self._codes.items())), "worst_facilities": dict(worst)}


class ScoreTotals:
    """Counts of scored claims: all, those at or over each of PERCENTILES, those that carry reasons, by driver."""

    def __init__(self) -> None:
        self.rows = 0
        self._over = dict.fromkeys(PERCENTILES, 0)
        self._with_reasons = 0
        self._drivers: Counter[str] = Counter()

    def add(self, batch: pa.Table) -> None:
        """Check and count one batch; a score that cannot be one stops the run and names the claim."""
        row = first_impossible(batch)
        if row is not None:
            claim, score, percentile = (
                batch[name][row].as_py() for name in ("claim_id", "score", "percentile")
            )
            message = (
                f"scores row {self.rows + row}, claim {claim}: found score {score}, percentile {percentile}; "
                "expected a score over 0 and at most 1, a percentile of 0 to 100, shares of at most 1 in all"
            )
            raise OutputError(message)
        self.rows += batch.num_rows
        percentile = batch["percentile"].to_numpy()
        for least in PERCENTILES:
            self._over[least] += int(np.count_nonzero(percentile >= least))
        self._with_reasons += batch.num_rows - batch["reasons"].null_count
        for driver, count in _value_counts(_strings(batch["driver"].drop_null())):
            self._drivers[driver] += count

    def as_dict(self) -> dict[str, Any]:
        """Counts; `drivers` by name."""
        return {
            "rows": self.rows,
            "at_or_over_percentile": {str(least): count for least, count in self._over.items()},
            "with_reasons": self._with_reasons,
            "drivers": dict(sorted(self._drivers.items())),
        }


def first_impossible(batch: pa.Table) -> int | None:
    """The first row whose score, percentile or shares cannot be what they are called."""
    score, percentile = batch["score"].to_numpy(), batch["percentile"].to_numpy()
    wrong = ~((score > 0) & (score <= 1) & (percentile >= 0) & (percentile <= 100))
    reasons = batch["reasons"].combine_chunks()
    shares = pc.struct_field(pc.list_flatten(reasons), "share").to_numpy(zero_copy_only=False)
    of_row = pc.list_parent_indices(reasons).to_numpy()
    within = (shares > 0) & (shares <= 1)
    sums = np.bincount(of_row, shares, minlength=batch.num_rows)
    wrong |= sums > 1 + SHARES_ERR
    wrong[of_row[~within]] = True
    return int(np.argmax(wrong)) if wrong.any() else None


def first_unbalanced(batch: pa.Table) -> int | None:
    """The first row where gross ≠ fund + copay + excess + deducted, or where one of them is negative or null."""
    wrong = np.zeros(batch.num_rows, np.bool_)
    gross, missing = _int64(batch, "gross_mnt")
    wrong |= missing | (gross < 0)
    # Each part is taken off what is left, which never goes below 0 in a balanced row: nothing can wrap.
    left = gross.copy()
    for name in SPLIT_MNT:
        part, missing = _int64(batch, name)
        wrong |= missing | (part < 0) | (part > left)
        left = np.where(wrong, 0, left - np.where(wrong, 0, part))
    wrong |= left != 0
    return int(np.argmax(wrong)) if wrong.any() else None


def _int64(batch: pa.Table, name: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    column = batch[name]
    values = column.fill_null(cast("Any", 0)).to_numpy()
    missing = np.asarray(column.is_null().to_numpy(), np.bool_)
    return np.asarray(values, np.int64), missing


def _strings(column: Any) -> Any:
    return column.cast(pa.string())


def _value_counts(column: Any) -> list[tuple[str, int]]:
    counts: Any = pc.value_counts(column)
    return [(pair["values"], pair["counts"]) for pair in counts.to_pylist()]


def _add_sums(into: dict[str, Counter[str]], keys: Any, amounts: pa.Table, count_as: str) -> None:
    """Add counts and sums by key; 32-bit halves are summed apart, so that no sum wraps."""
    halves: dict[str, Any] = {"key": keys}
    for name in amounts.column_names:
        values = np.asarray(amounts[name].to_numpy(), np.int64)
        halves[f"{name}.high"] = values >> 32
        halves[f"{name}.low"] = values & _LOW
    sums: list[Any] = [(name, "sum") for name in halves if name != "key"]
    grouped = pa.table(halves).group_by("key").aggregate([*sums, ([], "count_all")])
    for row in grouped.to_pylist():
        counter = into.setdefault(row["key"], Counter())
        counter[count_as] += row["count_all"]
        for name in amounts.column_names:
            counter[name] += (row[f"{name}.high_sum"] << 32) + row[f"{name}.low_sum"]

"""Rows of features scored by a forest, in blocks, on a pool of threads.

In: a `Forest` and `FeatureColumns` of any length. Out: one score a row, higher is stranger; for chosen rows, the
reasons. Each thread owns one block of scratch memory, so memory stays flat however many rows there are, and every
row's score is the same whatever the blocks and threads.
"""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from daatgal.errors import InputError
from daatgal.forest.check import ModelError
from daatgal.forest.columns import FeatureColumns
from daatgal_engine.columns import F64
from daatgal_engine.forest import Forest
from daatgal_engine.forest_reasons import path_differences
from daatgal_engine.forest_score import compile_forest, score_columns, scratch_for

TASK_ROWS = 16_384
REASON_ROWS = 1_024

Task = Callable[[int, npt.NDArray[np.float32]], None]
"""What is done with the rows from the first one given on, as many as the block (features × rows) has."""


class Scorer:
    """A forest compiled for the machine's vectors; safe to share between threads."""

    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        self._compiled = compile_forest(forest)

    def score(self, columns: FeatureColumns, threads: int | None = None) -> F64:
        """Each row's score, float64 between 0 and 1, as `-score_samples` of scikit-learn.

        Raises `ModelError` where the columns are not as many as the forest's, `InputError` naming the feature and
        row that is NaN or infinite.
        """
        self._check_width(columns)
        score = np.empty(columns.rows, dtype=np.float64)

        def new_task() -> Task:
            scratch = scratch_for(self._compiled)

            def score_task(first: int, block: npt.NDArray[np.float32]) -> None:
                columns.copy_rows(first, block)
                refused = score_columns(self._compiled, block, scratch, score[first : first + block.shape[1]])
                if refused >= 0:
                    row = first + int(np.argmin(np.isfinite(block[refused])))
                    raise _refusal(columns, refused, row)

            return score_task

        self._in_blocks(columns.rows, TASK_ROWS, threads, new_task)
        return score

    def differences(
        self, columns: FeatureColumns, rows: npt.NDArray[np.int64], threads: int | None = None
    ) -> F64:
        """The chosen rows' Δ (rows × features): edges by which a feature lengthens the mean path; negative is strange.

        Raises as `score` does, and `InputError` for a row that is not there.
        """
        self._check_width(columns)
        if rows.size and (rows.min() < 0 or rows.max() >= columns.rows):
            raise InputError(
                f"reasons: rows {rows.min()} to {rows.max()}, expected rows of the {columns.rows} scored"
            )
        difference = np.empty((rows.size, self.forest.features), dtype=np.float64)

        def reasons_task(first: int, block: npt.NDArray[np.float32]) -> None:
            chosen = rows[first : first + block.shape[1]]
            block[:] = columns.take(chosen)
            finite = np.isfinite(block)
            if not finite.all():
                column, place = (int(index) for index in np.argwhere(~finite)[0])
                raise _refusal(columns, column, int(chosen[place]))
            path_differences(self.forest, block, difference[first : first + block.shape[1]])

        self._in_blocks(rows.size, REASON_ROWS, threads, lambda: reasons_task)
        return difference

    def _check_width(self, columns: FeatureColumns) -> None:
        if len(columns.names) != self.forest.features:
            raise ModelError(
                f"forest: {len(columns.names)} columns to score, expected {self.forest.features}"
            )

    def _in_blocks(
        self,
        rows: int,
        task_rows: int,
        threads: int | None,
        new_task: Callable[[], Task],
    ) -> None:
        """Do every stretch of rows; stretches are handed out as threads, each with a task of its own, get free."""
        firsts = itertools.count(0, task_rows)
        pool_size = min(threads or len(os.sched_getaffinity(0)), -(-rows // task_rows))

        def work_until_done() -> None:
            task = new_task()
            scratch = np.empty((self.forest.features, min(task_rows, rows)), dtype=np.float32)
            while (first := next(firsts)) < rows:
                wide = min(task_rows, rows - first)
                task(first, scratch if wide == scratch.shape[1] else np.ascontiguousarray(scratch[:, :wide]))

        if pool_size <= 1:
            work_until_done()
            return
        with ThreadPoolExecutor(pool_size) as pool:
            for done in [pool.submit(work_until_done) for _ in range(pool_size)]:
                done.result()


def shares(difference: F64) -> F64:
    """Each feature's share of what makes a row strange: max(−Δ, 0) / Σ max(−Δ, 0); all 0 where nothing does."""
    strange = np.maximum(-difference, 0.0)
    total = strange.sum(axis=1, keepdims=True)
    return np.divide(strange, total, out=np.zeros_like(strange), where=total > 0.0)


def _refusal(columns: FeatureColumns, column: int, row: int) -> InputError:
    value = columns.value(column, row)
    found = "NaN" if np.isnan(value) else f"{value}"
    return InputError(
        f"features: column {columns.names[column]!r}, row {row}: {found}, expected a finite number within float32"
    )

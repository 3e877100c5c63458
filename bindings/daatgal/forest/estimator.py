"""An isolation forest for data scientists to drop in: fitted by scikit-learn, scored by the compiled kernels.

In: NumPy arrays or Arrow tables (also polars and pandas frames). Out: scikit-learn's answers, faster.
"""

import os
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.ensemble import IsolationForest as ScikitLearnForest
from sklearn.utils.validation import check_is_fitted, validate_data

from daatgal.errors import InputError
from daatgal.forest.columns import FeatureColumns
from daatgal.forest.fit import from_scikit_learn
from daatgal.forest.score import Scorer
from daatgal_engine.columns import F64

MOST_CONTAMINATION = 0.5


class IsolationForest(OutlierMixin, BaseEstimator):
    """scikit-learn's IsolationForest with compiled scoring and reasons.

    Parameters, attributes and answers are scikit-learn's (`score_samples` is −score, lower is stranger), except
    that NaN and infinite values are refused, and that `n_jobs` also says how many threads score (None: all).
    """

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        max_samples: float | str = "auto",
        contamination: float | str = "auto",
        max_features: float = 1.0,
        bootstrap: bool = False,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.contamination = contamination
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803, ARG002
        """Fit scikit-learn's forest to `X` (rows × features) and compile it; `y` is not used."""
        rows: Any = validate_data(self, X, dtype=np.float32)
        part = self._contamination_part()
        fitted = ScikitLearnForest()
        fitted.set_params(**{**self.get_params(deep=False), "contamination": "auto"})
        self._compile(fitted.fit(rows))
        if part is not None:
            self.offset_ = float(np.percentile(self._score(FeatureColumns.of(rows)), 100.0 * part))
        return self

    @classmethod
    def of_fitted(cls, fitted: ScikitLearnForest) -> Self:
        """The estimator of a forest that scikit-learn has fitted already; it scores alike without a new fit."""
        given = cls()
        known = fitted.get_params(deep=False)
        given.set_params(**{name: known[name] for name in given.get_params(deep=False)})
        given._compile(fitted)
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(fitted, name):
                setattr(given, name, getattr(fitted, name))
        return given

    def score_samples(self, X: Any) -> F64:  # noqa: N803
        """−score of each row: lower is stranger. Raises ValueError naming the feature that is NaN or infinite."""
        return self._score(self._columns(X))

    def decision_function(self, X: Any) -> F64:  # noqa: N803
        """`score_samples` less `offset_`: rows below 0 are outliers."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> npt.NDArray[np.int64]:  # noqa: N803
        """−1 for outliers, 1 for the others."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def reasons(self, X: Any) -> F64:  # noqa: N803
        """Each row's Δ (rows × features): negative where the feature makes the row strange.

        `−log2(−score_samples) − 1 = Σ Δ / c(ψ)` where every tree grew on ψ rows (no bootstrap).
        """
        columns = self._columns(X)
        try:
            return self._scorer.differences(columns, np.arange(columns.rows), self._threads())
        except InputError as error:
            raise ValueError(str(error)) from error

    def _contamination_part(self) -> float | None:
        """The part of the training rows that are outliers; None for "auto"."""
        part = self.contamination
        if part == "auto":
            return None
        if isinstance(part, str) or not 0 < part <= MOST_CONTAMINATION:
            raise ValueError(
                f"contamination is {part!r}, expected 'auto' or a number in (0, {MOST_CONTAMINATION}]"
            )
        return float(part)

    def _compile(self, fitted: ScikitLearnForest) -> None:
        self.forest_ = from_scikit_learn(fitted)
        self.offset_ = fitted.offset_
        self.max_samples_ = fitted.max_samples_
        self._scorer = Scorer(self.forest_)

    def _score(self, columns: FeatureColumns) -> F64:
        try:
            return -self._scorer.score(columns, self._threads())
        except InputError as error:
            raise ValueError(str(error)) from error

    def _columns(self, X: Any) -> FeatureColumns:  # noqa: N803
        """The rows to score without a copy where they are Arrow or numeric arrays."""
        check_is_fitted(self)
        if hasattr(X, "__arrow_c_stream__"):
            validate_data(self, X, reset=False, skip_check_array=True)
            return FeatureColumns.of(X)
        rows = validate_data(self, X, reset=False, dtype=[np.float64, np.float32], ensure_all_finite=False)
        return FeatureColumns.of(rows, getattr(self, "feature_names_in_", None))

    def _threads(self) -> int | None:
        """`n_jobs` as joblib reads it: −1 is every core, −2 all but one."""
        if self.n_jobs is None or self.n_jobs > 0:
            return self.n_jobs
        return max(1, len(os.sched_getaffinity(0)) + 1 + self.n_jobs)

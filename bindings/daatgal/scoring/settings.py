"""What is asked of training and of scoring.

In: nothing. Out: the parameters, which a run's identity holds. Light to import: the command line does. No kernel lives
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_CLAIMS = 1 << 16
"""Claims that the trees draw from, and whose scores give the percentiles."""
REASONS_PERCENTILE = 99
"""Claims at or over this percentile carry their reasons."""


class Training(NamedTuple):
    """How a model is trained."""

    seed: int = 0
    sample_claims: int = SAMPLE_CLAIMS


class Scoring(NamedTuple):
    """How a night is scored."""

    model: Path | None = None
    """None: a model trained on the history, or, without one, on the night itself"""
    reasons_percentile: int = REASONS_PERCENTILE
    training: Training = Training()

    def parameters(self) -> dict[str, int]:
        """What the results depend on besides the inputs and the model; a given model was trained already."""
        trained = {} if self.model is not None else self.training._asdict()
        return {"scoring": True, "reasons_percentile": self.reasons_percentile} | trained

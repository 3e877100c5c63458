"""Anomaly scores: a model from history, and judged claims scored with it.

In: earlier runs, or the claims of a run. Out: `Model`, `Scored`. The features are `daatgal.features`', the forest
`daatgal.forest`'s; here they are trained, kept, applied and watched. Source: audit.md §1–3.
"""

from daatgal.scoring.again import score, train
from daatgal.scoring.model import Model, load_model, save_model
from daatgal.scoring.scores import Scored
from daatgal.scoring.settings import Scoring, Training

__all__ = ["Model", "Scored", "Scoring", "Training", "load_model", "save_model", "score", "train"]

"""The isolation forest: from a fitted forest to a model file, scores and reasons."""

from daatgal.forest.check import ModelError
from daatgal.forest.columns import FeatureColumns
from daatgal.forest.fit import Tree, from_scikit_learn, from_trees
from daatgal.forest.model import ForestModel, TrainingWindow, describe, load, save
from daatgal.forest.score import Scorer, shares

__all__ = [
    "FeatureColumns",
    "ForestModel",
    "ModelError",
    "Scorer",
    "TrainingWindow",
    "Tree",
    "describe",
    "from_scikit_learn",
    "from_trees",
    "load",
    "save",
    "shares",
]

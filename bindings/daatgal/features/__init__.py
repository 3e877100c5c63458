"""The features of claims, and the statistics of history that they need.

`FEATURES` lists them; `collect` counts a history into `Aggregates`, which merge exactly; `compute` gives the features
of a night; `compare` holds a claim against its peers.
"""

from daatgal.features.aggregates import Aggregates
from daatgal.features.cabinet_days import CabinetDays, cabinet_days_table
from daatgal.features.catalogue import FEATURES, Feature
from daatgal.features.collect import collect
from daatgal.features.compare import PeerComparison, compare
from daatgal.features.compute import FeatureTable, compute
from daatgal.features.facts import Facts, JudgedNight, facts_of_night, facts_of_state
from daatgal.features.standing_state import standing_state

__all__ = [
    "FEATURES",
    "Aggregates",
    "CabinetDays",
    "Facts",
    "Feature",
    "FeatureTable",
    "JudgedNight",
    "PeerComparison",
    "cabinet_days_table",
    "collect",
    "compare",
    "compute",
    "facts_of_night",
    "facts_of_state",
    "standing_state",
]

"""The features of claims, and the statistics of history that they need.

`FEATURES` lists them; `collect` counts a history into `Aggregates`, which merge exactly; `compute` gives the features
of a night; `compare` holds a claim against its peers.
"""

from daatgal.features.aggregates import Aggregates
from daatgal.features.cabinet_days import CabinetDays, cabinet_days_table
from daatgal.features.catalogue import FEATURES, Feature
from daatgal.features.comparison import PeerComparison, compare
from daatgal.features.counting import collect
from daatgal.features.facts import Facts, JudgedNight, facts_of_night
from daatgal.features.history import standing_state
from daatgal.features.state_facts import facts_of_state
from daatgal.features.table import FeatureTable, compute

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

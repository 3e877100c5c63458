"""The features of claims in plain Python, read from audit.md alone: no NumPy, no Arrow, nothing of the product.

In: rows of `state` as dicts, facilities as dicts, a tariff book's rows. Out: a dict of features for each claim.
"""

from tests.feature_oracle.features import features
from tests.feature_oracle.statistics import History

__all__ = ["History", "features"]

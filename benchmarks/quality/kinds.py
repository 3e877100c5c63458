"""The kinds of anomaly that are injected, and what in each should give it away.

In: nothing. Out: `KINDS`, in the order of the report; why a kind may be missed, as a reader is told.
"""

from typing import Final, NamedTuple

NATIONAL: Final = "generated national data"
REAL: Final = "medicare-mixed"


class Kind(NamedTuple):
    """One kind of anomaly."""

    name: str
    """as the truth of the generator has it"""
    what: str
    culprits: tuple[str, ...]
    """the features that measure the very thing that was done; any other that ranks first is a miss"""


KINDS: Final = (
    Kind(
        "upcoding",
        "a hospital claims dearer groups of the same specialty",
        ("high_weight_share", "rarity_group_facility"),
    ),
    Kind(
        "phantom_visits",
        "six visits of one insured at one facility on one day",
        ("visits_same_day",),
    ),
    Kind("unbundled_tests", "a panel claimed as eight single tests", ("tests_same_day",)),
    Kind(
        "stretched_stay",
        "a stay kept until minutes after the hours that are paid",
        ("on_threshold", "stay_to_peers"),
    ),
    Kind(
        "impossible_volume",
        "one doctor sees more people on a day than it has room for",
        ("cabinet_claims_same_day",),
    ),
    Kind(
        "diagnosis_mismatch",
        "a diagnosis that the insured's age or sex rules out",
        ("rarity_diagnosis_age_sex",),
    ),
    Kind(
        "across_facilities",
        "one illness billed by four facilities on one day",
        ("facilities_same_day",),
    ),
    Kind(
        "sudden_growth",
        "a small facility has many times its usual visits for ten days",
        ("facility_day_to_history",),
    ),
)

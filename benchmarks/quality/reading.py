"""Why a kind's true feature does not lead, as was found by looking; printed only of kinds that fail.

In: nothing. Out: `WHY`, by source and kind.
"""

from typing import Final

from benchmarks.quality.kinds import NATIONAL, REAL

_ONE_OF_MANY = (
    "It is the one feature that is out of the ordinary, and each split takes a feature by lot: whatever else the few "
    "flagged claims of the kind have that is strange got them flagged, and leads."
)
_JUST_BEGUN = (
    "A facility's share of dear groups is read from the history, which is clean here: a practice that has just begun "
    "shows only where the group is rare at the facility."
)
_TWIN = (
    "Each test is a claim too, so the counts of claims of the person, cabinet and doctor say nearly the same and vary "
    "in more of the trees' samples, where tests of a day are mostly 0 or 1."
)
_MARK = (
    "A mark is 0 in nearly every claim of a tree's sample, and a feature that is constant there is never split on; "
    "what stays have in common (procedures, nights in hospital) leads."
)
_WINDOW = (
    "The longer windows hold the same four facilities and vary in more of the trees' samples, where facilities of one "
    "day are nearly always one: a feature that is constant in a sample is never split on."
)
_MOVED = (
    "The days are spread over weekends, and their people have another claim of the same group days away; both are "
    "strange in themselves and lead before the facility's day, which grows by degrees."
)

WHY: Final[dict[tuple[str, str], str]] = {
    (NATIONAL, "upcoding"): _JUST_BEGUN,
    (NATIONAL, "phantom_visits"): _ONE_OF_MANY,
    (NATIONAL, "unbundled_tests"): _TWIN,
    (NATIONAL, "stretched_stay"): _MARK,
    (NATIONAL, "impossible_volume"): _ONE_OF_MANY,
    (NATIONAL, "diagnosis_mismatch"): _ONE_OF_MANY,
    (NATIONAL, "across_facilities"): _WINDOW,
    (NATIONAL, "sudden_growth"): _MOVED,
    (REAL, "upcoding"): _JUST_BEGUN,
    (REAL, "phantom_visits"): (
        "Few cabinets of this source have a second claim on a day, so six visits stand out there as well."
    ),
    (REAL, "unbundled_tests"): _TWIN,
    (REAL, "stretched_stay"): _MARK,
    (REAL, "impossible_volume"): _ONE_OF_MANY,
    (REAL, "diagnosis_mismatch"): _ONE_OF_MANY,
    (REAL, "across_facilities"): _WINDOW,
    (REAL, "sudden_growth"): (
        "A small facility's growth is the doctor's and the cabinet's too, and these counts "
        "have the longer tails."
    ),
}

"""Why a kind's true feature does not lead, as was found by looking; printed only of kinds that fail.

In: nothing. Out: `WHY`, by source and kind.
"""

from typing import Final

from benchmarks.quality.kinds import NATIONAL, REAL

_JUST_BEGUN = (
    "A facility's share of dear groups is read from the history, which is clean here, and a dear claim is priced "
    "as its peers are: a practice that has just begun shows only where the group is rare at the facility."
)
_TWIN = (
    "What one doctor has too much of, the facility has as well, and its day is as far out of its own days as the "
    "doctor's is of all; the two lead by turns. A facility's day without the claim's cabinet would tell them apart, "
    "and finds both kinds of volume half as often (docs/decisions/forest-training.md)."
)
_GROWTH = (
    "A small facility's growth is its doctors' too. In its first days it is within what the facility has known, and "
    "whatever else is rare about a claim leads."
)

WHY: Final[dict[tuple[str, str], str]] = {
    (NATIONAL, "upcoding"): _JUST_BEGUN,
    (NATIONAL, "unbundled_tests"): (
        "Each of the tests takes four minutes, which is rare as well where tests take longer."
    ),
    (NATIONAL, "stretched_stay"): (
        "Stays that end on the threshold are ordinary in this history (over one claim in 250), and with that nothing a "
        "tree splits on; a stay of one day is short of its peers', and not among the rarest."
    ),
    (NATIONAL, "impossible_volume"): _TWIN,
    (NATIONAL, "diagnosis_mismatch"): (
        "Of a diagnosis with few claims in the history nobody can say whom it does not befall, so most are not "
        "flagged. Those that are keep the billed amount of the diagnosis they had, which no longer fits the tariff."
    ),
    (NATIONAL, "sudden_growth"): _GROWTH,
    (REAL, "upcoding"): _JUST_BEGUN,
    (REAL, "impossible_volume"): _TWIN,
    (REAL, "sudden_growth"): _GROWTH,
}

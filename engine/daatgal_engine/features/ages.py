"""The insured's age when a claim starts. A row map.

In: birth days, starts. Out: completed years, 0 where the birth date is unknown.
"""

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S, completed_years
from daatgal_engine.columns import I32, I64, NO_DAY


@kernel
def ages_of(birth_day: I32, start_s: I64, out: I32) -> None:
    """Writes: out int32[n], completed years on the day of `start_s`."""
    for i in range(out.size):
        known = birth_day[i] != NO_DAY
        out[i] = completed_years(birth_day[i], start_s[i] // DAY_S) if known else 0

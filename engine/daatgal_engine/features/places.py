"""Which row of the facilities was in force when a claim ended. A row map.

In: the facilities, the claims' facility and end. Out: the facilities' period, -1 without one. The day is that of the
end for every care type, so that a claim has one level and region whichever book priced it.
"""

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I32, I64, FacilityColumns
from daatgal_engine.placing import period_in_force


@kernel
def find_periods(facilities: FacilityColumns, facility: I32, end_s: I64, out: I32) -> None:
    """Writes: out int32[n], the row of `facilities` in force on the day of `end_s`."""
    for row in range(out.size):
        out[row] = period_in_force(facilities, facility[row], end_s[row] // DAY_S)

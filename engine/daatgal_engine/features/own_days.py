"""What of a day is the person's own: their claims at the claim's facility, cabinet and doctor. A group scan.

In: the claims of a person with many, by start. Out: counts of each, float32, in the row of its place in the block.
Counts of a cabinet, doctor or facility say how much others come there only when a person's own are taken off.
"""

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import F32, I64, Int
from daatgal_engine.features.histories import OWN_CABINET, OWN_DOCTOR, OWN_FACILITY, VISITS
from daatgal_engine.sorting import stable_sort


@kernel
def count_alike(
    block: Records, low_high: tuple[Int, Int], keys: tuple[I64, I64, I64, I64], column: Int, values: F32
) -> None:
    """Count the claims of a day that are alike in facility, or in facility and cabinet or doctor: sorted by these, they
    are together. A cabinet or doctor that is not named is one like any other.
    """
    low, end = low_high
    order, facility, who, spare = keys
    for k in range(low, end):
        order[k], facility[k], who[k] = k, block[k].facility, 0
        if column == OWN_CABINET:
            who[k] = block[k].cabinet
        elif column == OWN_DOCTOR:
            who[k] = block[k].doctor
    stable_sort(order, facility, who, low_high, spare)
    first = low
    while first < end:
        alike, visits, last = order[first], 0, first
        while last < end and facility[order[last]] == facility[alike] and who[order[last]] == who[alike]:
            visits += 1 if block[order[last]].test == 0 else 0
            last += 1
        for at in range(first, last):
            values[order[at], column] = last - first
            if column == OWN_FACILITY:
                values[order[at], VISITS] = visits
        first = last


@kernel
def count_own_days(
    block: Records, low_high: tuple[Int, Int], keys: tuple[I64, I64, I64, I64], values: F32
) -> None:
    """Count the claims of each day of a person. `keys`: room to sort in, as long as the block."""
    low, end = low_high
    while low < end:
        day, high = block[low].start_day, low + 1
        while high < end and block[high].start_day == day:
            high += 1
        for column in range(OWN_FACILITY, OWN_DOCTOR + 1):
            count_alike(block, (low, high), keys, column, values)
        low = high

"""What of a day is the person's own: their claims at the claim's facility, cabinet and doctor. A group scan.

In: a block of people's claims, by person and start. Out: counts of each claim, float32, in the row of its place in the
block. Counts of a cabinet, doctor or facility say how much others come there only when a person's own are taken off.
"""

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import I64, Int
from daatgal_engine.features.histories import (
    F32,
    FEW,
    OWN_CABINET,
    OWN_DOCTOR,
    OWN_FACILITY,
    VISITS,
)
from daatgal_engine.sorting import stable_sort


@kernel
def count_long_day(
    block: Records, low_high: tuple[Int, Int], keys: tuple[I64, I64, I64, I64], values: F32
) -> None:
    """Count a day of many claims of one person: sorted by facility, and by cabinet or doctor, those alike are together.

    A cabinet or doctor that is not named is one like any other.
    """
    low, end = low_high
    order, facility, who, spare = keys
    for column in (OWN_FACILITY, OWN_CABINET, OWN_DOCTOR):
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
def count_own_days(block: Records, person: I64, keys: tuple[I64, I64, I64, I64], values: F32) -> None:
    """Count the claims of each person's days; nearly all days have one. `keys`: room to sort in."""
    for p in range(person.size - 1):
        low, end = person[p], person[p + 1]
        while low < end:
            day, high = block[low].start_day, low + 1
            while high < end and block[high].start_day == day:
                high += 1
            if high - low > FEW:
                count_long_day(block, (low, high), keys, values)
                low = high
                continue
            for k in range(low, high):
                visits, facility, cabinet, doctor = 0, 0, 0, 0
                for j in range(low, high):
                    if block[j].facility == block[k].facility:
                        visits += 1 if block[j].test == 0 else 0
                        facility += 1
                        cabinet += 1 if block[j].cabinet == block[k].cabinet else 0
                        doctor += 1 if block[j].doctor == block[k].doctor else 0
                values[k, VISITS], values[k, OWN_FACILITY] = visits, facility
                values[k, OWN_CABINET], values[k, OWN_DOCTOR] = cabinet, doctor
            low = high

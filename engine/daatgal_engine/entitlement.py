"""What a claim's facility may provide, and what its insured pays: a row map.

In: claims, places, prices, the book's admission and copayment rows. Out: TERMS records, one per claim, which the phases
ELIGIBILITY and copayment read. Source: 2019 procedure 3.2.1 … 3.12.1, 3.2.3; rules.md §3, phases 1 and 15.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import NOT_IN_FORCE_MNT, Admission, CopayTerms, Records
from daatgal_engine.columns import I16, I32, I64, NO_CODE, U64, ClaimColumns, Element, FacilityColumns

LETTER_SHIFT = np.uint64(56)
LETTER_C = np.uint64(ord("C"))
ASKS_LEVEL, ASKS_DRG, ASKS_SERVICE = 1, 2, 4


TERMS = np.dtype(
    [
        ("fixed_mnt", "i8"),
        ("rate_bp", "i4"),  # copayment rate; NO_CODE: a fixed amount
        ("eligible", "u1"),  # 1: the facility may provide this care type, and has the contract it needs
        ("keeps_copay", "u1"),
        ("exempt", "u1"),  # 1: the insured pays nothing
        ("cancer", "u1"),  # 1: a C code is among all diagnoses
        ("order_listed", "u1"),  # 1: ORDER_REQUIRED lists the service
        ("screening", "u1"),  # 1: POSITIVE_ALREADY lists the service
    ],
    align=True,
)


class EntitledBy(NamedTuple):
    """The columns of `ClaimColumns` that the insured's part depends on, and what the book calls each service."""

    care_type: I16
    service: I32
    icd10: U64
    secondary_offset: I64
    secondary: U64
    exemption: I16
    service_of: I32
    """see book.Prices"""


def entitled_by(claims: ClaimColumns, service_of: I32) -> EntitledBy:
    """The same arrays, fewer of them."""
    return EntitledBy(*(getattr(claims, name) for name in EntitledBy._fields[:-1]), service_of=service_of)


def untermed(rows: int) -> Records:
    """TERMS records that say nothing yet."""
    return np.zeros(rows, TERMS).view(np.recarray)


@kernel
def admit(
    admission: Admission, facilities: FacilityColumns, care_type: I16, place: Records, terms: Records
) -> None:
    """Write whether each claim's facility may provide its care type, contracted where needed, within the contract."""
    type_of, rule, empty = admission.type_of, admission.rule, admission.empty
    for row in range(place.size):
        at = place[row]
        period = at.period
        if at.standing == 0 or period < 0:
            continue
        needs_contract = np.int8(0)
        if empty[at.epoch] == 0:
            kind = type_of[facilities.facility_type[period]]
            needs_contract = rule[at.epoch, kind, at.ownership, care_type[row]]
        if needs_contract < 0:
            continue
        if facilities.lists_contracts[period] != 0:
            if (facilities.contracted[period] >> np.uint64(care_type[row])) & np.uint64(1) == 0:
                continue
        elif needs_contract == 1:
            continue
        if facilities.contract_from_day[period] <= at.pricing_day <= facilities.contract_to_day[period]:
            terms[row].eligible = 1


@kernel
def key_position(keys: U64, key: np.uint64) -> int:
    """Where `key` stands among the ascending `keys`, -1 where it does not."""
    low, high = 0, keys.size
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < keys.size and keys[low] == key else -1


@kernel
def packed_key(asked: int, care_type: int, service: Element, drg: int, level: int) -> np.uint64:
    """The key of a copayment row that asks for `asked`: the layout of CopayTerms.key."""
    key = np.uint64(care_type) << np.uint64(56)
    if asked & ASKS_SERVICE:
        key |= np.uint64(service + 1) << np.uint64(32)
    if asked & ASKS_DRG:
        key |= np.uint64(drg + 1) << np.uint64(8)
    if asked & ASKS_LEVEL:
        key |= np.uint64(level)
    return key


@kernel
def find_copay(
    copay: CopayTerms, claims: EntitledBy, assessed: tuple[Records, Records], terms: Records
) -> None:
    """Write the copayment terms of each claim: the most specific row, service before DRG before level.

    Combinations run from all three asked for down to none, so the first hit is the most specific. `assessed` are the
    PLACE and PRICED records.
    """
    place, priced = assessed
    keys, combinations, table = copay.key, copay.combinations, copay.term
    for row in range(place.size):
        if place[row].standing == 0:
            continue
        epoch, care_type = place[row].epoch, claims.care_type[row]
        service, drg, level = claims.service_of[claims.service[row] + 1], priced[row].drg, place[row].level
        for asked in range(7, -1, -1):
            if (combinations[care_type] >> asked) & 1 == 0:
                continue
            if (
                (asked & ASKS_SERVICE and service < 0)
                or (asked & ASKS_DRG and drg < 0)
                or (asked & ASKS_LEVEL and level == 0)
            ):
                continue
            position = key_position(keys, packed_key(asked, care_type, service, drg, level))
            if position >= 0 and table[epoch, position].rate_bp != NOT_IN_FORCE_MNT:
                terms[row].rate_bp = table[epoch, position].rate_bp
                terms[row].fixed_mnt = table[epoch, position].fixed_mnt
                terms[row].keeps_copay = table[epoch, position].keeps_copay
                break


@kernel
def exempt(copay: CopayTerms, claims: EntitledBy, place: Records, terms: Records) -> None:
    """Write who pays nothing, by category or by a prefix of the primary diagnosis, unless the row keeps its copayment.

    Also notes whether a C code is among all diagnoses.
    """
    category, ranges, offset = copay.exempt_category, copay.exempt_range, copay.exempt_offset
    icd10, exemption = claims.icd10, claims.exemption
    for row in range(place.size):
        if place[row].standing == 0:
            continue
        epoch = place[row].epoch
        free = exemption[row] != NO_CODE and category[epoch, exemption[row]] != 0
        for k in range(offset[epoch], offset[epoch + 1]):
            free = free or ranges[k].lower <= icd10[row] <= ranges[k].upper
        if free and terms[row].keeps_copay == 0:
            terms[row].exempt = 1
        begin, end = claims.secondary_offset[row], claims.secondary_offset[row + 1]
        cancer = icd10[row] >> LETTER_SHIFT == LETTER_C
        for i in range(begin, end):
            cancer |= claims.secondary[i] >> LETTER_SHIFT == LETTER_C
        terms[row].cancer = cancer


@kernel
def note_services(admission: Admission, service: I32, place: Records, terms: Records) -> None:
    """Write whether ORDER_REQUIRED and POSITIVE_ALREADY list each claim's service."""
    order_service, screening_service = admission.order_service, admission.screening_service
    for row in range(place.size):
        if place[row].standing != 0:
            terms[row].order_listed = order_service[place[row].epoch, service[row] + 1]
            terms[row].screening = screening_service[place[row].epoch, service[row] + 1]

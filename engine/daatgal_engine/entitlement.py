"""What a claim's facility may provide, and what its insured pays: a row map.

In: claims, places, prices, the book's admission and copayment rows. Out: TERMS records, one per claim, which the phases
ELIGIBILITY and copayment read. Source: 2019 procedure 3.2.1 … 3.12.1, 3.2.3; rules.md §3, phases 1 and 15.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import NOT_IN_FORCE_MNT, Admission, CopayTerms, Records
from daatgal_engine.columns import I16, I32, I64, NO_CODE, U64, ClaimColumns, FacilityColumns, Int

ONE = np.uint64(1)
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


@kernel
def admit(
    admission: Admission, facilities: FacilityColumns, claims: EntitledBy, place: Records, terms: Records
) -> None:
    """Write whether each claim's facility may provide its care type, contracted where needed, within the contract.

    Also notes whether ORDER_REQUIRED and POSITIVE_ALREADY list its service. Of a voided claim nothing is so.
    """
    type_of, rule, empty = admission.type_of, admission.rule, admission.empty
    for row in range(np.uint64(place.size)):
        at, its = place[row], terms[row]
        its.eligible, its.order_listed, its.screening = 0, 0, 0
        if at.standing == 0:
            continue
        epoch, service = np.uint64(at.epoch), np.uint64(claims.service[row] + 1)
        its.order_listed = admission.order_service[epoch, service]
        its.screening = admission.screening_service[epoch, service]
        if at.period < 0:
            continue
        period, care_type = np.uint64(at.period), np.uint64(claims.care_type[row])
        kind = np.uint64(type_of[np.uint64(facilities.facility_type[period])])
        needs_contract = rule[epoch, kind, np.uint64(at.ownership), care_type]
        if empty[epoch] != 0:
            needs_contract = np.int8(0)
        listed = (facilities.contracted[period] >> care_type) & ONE != 0
        contracted = listed if facilities.lists_contracts[period] != 0 else needs_contract == 0
        in_contract = (facilities.contract_from_day[period] <= at.pricing_day) & (
            at.pricing_day <= facilities.contract_to_day[period]
        )
        its.eligible = (needs_contract >= 0) & contracted & in_contract


@kernel
def packed_key(asked: int, care_type: Int, service: Int, drg: Int, level: Int) -> np.uint64:
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
    copay: CopayTerms, claims: EntitledBy, place: Records, priced: Records, terms: Records
) -> None:
    """Write the copayment terms of each claim: the most specific row, service before DRG before level.

    Combinations run from all three asked for down to none, so the first hit is the most specific; a care type without
    rows has none to run through.
    """
    keys, table = copay.key, copay.term
    for row in range(np.uint64(place.size)):
        at, its = place[row], terms[row]
        its.rate_bp, its.fixed_mnt, its.keeps_copay = 0, 0, 0
        care_type = claims.care_type[row]
        combinations = 0 if at.standing == 0 else np.int64(copay.combinations[np.uint64(care_type)])
        if combinations == 0:
            continue
        drg, level = np.int64(priced[row].drg), np.int64(at.level)
        service = np.int64(claims.service_of[np.uint64(claims.service[row] + 1)])
        for asked in range(7, -1, -1):
            unknown = (ASKS_SERVICE if service < 0 else 0) | (ASKS_DRG if drg < 0 else 0)
            unknown |= ASKS_LEVEL if level == 0 else 0
            if (combinations >> asked) & 1 == 0 or asked & unknown != 0:
                continue
            key = packed_key(asked, np.int64(care_type), service, drg, level)
            low, high = 0, keys.size
            while low < high:
                middle = (low + high) // 2
                if keys[middle] < key:
                    low = middle + 1
                else:
                    high = middle
            if low < keys.size and keys[low] == key and table[at.epoch, low].rate_bp != NOT_IN_FORCE_MNT:
                its.rate_bp = table[at.epoch, low].rate_bp
                its.fixed_mnt = table[at.epoch, low].fixed_mnt
                its.keeps_copay = table[at.epoch, low].keeps_copay
                break


@kernel
def exempt(copay: CopayTerms, claims: EntitledBy, place: Records, terms: Records) -> None:
    """Write who pays nothing, by category or by a prefix of the primary diagnosis, unless the row keeps its copayment.

    Also notes whether a C code is among all diagnoses. Loops over one or two codes are left early: LLVM would make
    vectors of them, which costs more than they do.
    """
    category, ranges, offset = copay.exempt_category, copay.exempt_range, copay.exempt_offset
    icd10, exemption, secondary = claims.icd10, claims.exemption, claims.secondary
    for row in range(np.uint64(place.size)):
        its = terms[row]
        its.exempt, its.cancer = 0, 0
        if place[row].standing == 0:
            continue
        epoch = place[row].epoch
        free = exemption[row] != NO_CODE and category[epoch, exemption[row]] != 0
        for k in range(offset[epoch], offset[epoch + 1]):
            if free or ranges[k].lower <= icd10[row] <= ranges[k].upper:
                free = True
                break
        its.exempt = free & (its.keeps_copay == 0)
        cancer = icd10[row] >> LETTER_SHIFT == LETTER_C
        for i in range(claims.secondary_offset[row], claims.secondary_offset[row + ONE]):
            if cancer or secondary[i] >> LETTER_SHIFT == LETTER_C:
                cancer = True
                break
        its.cancer = cancer

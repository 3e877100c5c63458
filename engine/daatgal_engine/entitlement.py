"""What a claim's facility may provide, and what its insured pays: a row map.

In: claims, places, prices, the book's admission and copayment rows. Out: TERMS records, one per claim, which the phases
ELIGIBILITY and copayment read. Source: 2019 procedure 3.2.1 … 3.12.1, 3.2.3; rules.md §3, phases 1 and 15.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import NOT_IN_FORCE_MNT, Admission, CopayTerms, Records
from daatgal_engine.columns import I32, NO_CODE, FacilityColumns
from daatgal_engine.grouping import CodedClaims, has_paired

LETTER_SHIFT = np.uint64(56)
LETTER_C = np.uint64(ord("C"))
CANCER_PREFIX = np.uint64(ord("C") << 56)
CANCER_MASK = np.uint64(255 << 56)
ASKS_LEVEL, ASKS_DRG, ASKS_SERVICE = 1, 2, 4


TERMS = np.dtype(
    [
        ("fixed_mnt", "i8"),
        ("rate_bp", "i4"),  # copayment rate; NO_CODE: a fixed amount
        ("eligible", "u1"),  # 1: the facility may provide this care type, and has the contract it needs
        ("exempt", "u1"),  # 1: the insured pays nothing
        ("cancer", "u1"),  # 1: a C code is among all diagnoses
        ("order_listed", "u1"),  # 1: ORDER_REQUIRED lists the service
        ("screening", "u1"),  # 1: POSITIVE_ALREADY lists the service
    ],
    align=True,
)


def untermed(rows: int) -> Records:
    """TERMS records that say nothing yet."""
    return np.zeros(rows, TERMS).view(np.recarray)


@kernel
def is_eligible(admission: Admission, facilities: FacilityColumns, place: Records, row: int, care_type: int) -> bool:
    """Facility type, ownership and care type are admitted, contracted where needed, within the contract's dates."""
    epoch = place.epoch[row]
    period = place.period[row]
    rule = np.int8(0)
    if not admission.empty[epoch]:
        kind = admission.type_of[facilities.facility_type[period]]
        rule = admission.rule[epoch, kind, place.ownership[row], care_type]
    if rule < 0:
        return False
    if facilities.lists_contracts[period]:
        if (facilities.contracted[period] >> np.uint64(care_type)) & np.uint64(1) == 0:
            return False
    elif rule == 1:
        return False
    day = place.pricing_day[row]
    return facilities.contract_from_day[period] <= day <= facilities.contract_to_day[period]


@kernel
def key_position(copay: CopayTerms, key: np.uint64) -> int:
    """Where `key` stands among the keys, -1 where it does not."""
    low, high = 0, copay.key.size
    while low < high:
        middle = (low + high) // 2
        if copay.key[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < copay.key.size and copay.key[low] == key else -1


@kernel
def copay_row(copay: CopayTerms, epoch: int, care_type: int, codes: tuple[int, int, int]) -> int:
    """The most specific row in force, service before DRG before level; -1 where there is none.

    Masks run from all three asked for down to none, so the first hit is the most specific.
    """
    service, drg, level = codes
    known = (ASKS_SERVICE if service >= 0 else 0) | (ASKS_DRG if drg >= 0 else 0) | (ASKS_LEVEL if level > 0 else 0)
    for asked in range(7, -1, -1):
        if asked & known != asked or (copay.combinations[care_type] >> asked) & 1 == 0:
            continue
        key = np.uint64(care_type) << np.uint64(56)
        if asked & ASKS_SERVICE:
            key |= np.uint64(service + 1) << np.uint64(32)
        if asked & ASKS_DRG:
            key |= np.uint64(drg + 1) << np.uint64(8)
        if asked & ASKS_LEVEL:
            key |= np.uint64(level)
        position = key_position(copay, key)
        if position >= 0 and copay.term.rate_bp[epoch, position] != NOT_IN_FORCE_MNT:
            return position
    return -1


@kernel
def is_exempt(copay: CopayTerms, epoch: int, exemption: int, icd10: np.uint64) -> bool:
    """By category, or by a prefix of the primary diagnosis."""
    if exemption != NO_CODE and copay.exempt_category[epoch, exemption]:
        return True
    for i in range(copay.exempt_offset[epoch], copay.exempt_offset[epoch + 1]):
        if copay.exempt_range.lower[i] <= icd10 <= copay.exempt_range.upper[i]:
            return True
    return False


@kernel
def copay_of(copay: CopayTerms, epoch: int, claims: CodedClaims, codes: tuple[int, int, int], at: tuple[int, Records]) -> None:
    """Write the copayment terms of one claim; `at` is its row and the TERMS records."""
    row, terms = at
    position = copay_row(copay, epoch, np.int64(claims.care_type[row]), codes)
    keeps = False
    if position >= 0:
        terms.rate_bp[row] = copay.term.rate_bp[epoch, position]
        terms.fixed_mnt[row] = copay.term.fixed_mnt[epoch, position]
        keeps = copay.term.keeps_copay[epoch, position] != 0
    if not keeps and is_exempt(copay, epoch, np.int64(claims.exemption[row]), claims.icd10[row]):
        terms.exempt[row] = 1


@kernel
def entitle(
    tables: tuple[Admission, CopayTerms, I32, FacilityColumns],
    claims: CodedClaims,
    placed: tuple[Records, Records],
    rows: tuple[int, int],
    terms: Records,
) -> None:
    """Fill `terms` for the standing claims `rows[0] : rows[1]`.

    Reads: admission, copayment rows, the batch's service codes and facilities; PLACE and PRICED records.
    """
    admission, copay, service_of, facilities = tables
    place, priced = placed
    for row in range(rows[0], rows[1]):
        if not place.standing[row]:
            continue
        epoch = place.epoch[row]
        if place.period[row] >= 0 and is_eligible(admission, facilities, place, row, np.int64(claims.care_type[row])):
            terms.eligible[row] = 1
        service = claims.service[row] + 1
        codes = (np.int64(service_of[service]), np.int64(priced.drg[row]), np.int64(place.level[row]))
        copay_of(copay, epoch, claims, codes, (row, terms))
        terms.order_listed[row] = admission.order_service[epoch, service]
        terms.screening[row] = admission.screening_service[epoch, service]
        if claims.icd10[row] >> LETTER_SHIFT == LETTER_C or has_paired(claims, row, CANCER_PREFIX, CANCER_MASK):
            terms.cancer[row] = 1

"""A tariff book compiled into arrays: what pricing and settling look up.

In: nothing. Out: record layouts and NamedTuples of read-only arrays. An *epoch* is a span of days on which no row of
the book begins or ends, so that every dated table has one state per epoch and a claim finds its rows by index. Shapes
use `e` epochs, `c` care types, `d` DRG codes. Tables are record arrays (`np.recarray`): one argument with named
columns, which keeps kernels quick to compile. No kernel lives here.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine.columns import I16, I32, U8, U64

Records = Any
"""An `np.recarray` of the layout that its user names; its fields are attributes, which no type checker can see."""
Record = Any
"""One record of such an array; kernels read and write its fields by name."""

CELLS = 26 * 10 * 36
"""Three-character ICD-10 categories: letter, digit, digit or letter."""
AS_BILLED_MNT = -1
"""An item without a unit price: the billed amount stands."""
NOT_IN_FORCE_MNT = -3
"""No row in force in this epoch."""
BY_GROUP = -1
"""No item prices the claim: its DRG does."""
OUTRIGHT, CONTESTED, SEARCHED, BY_PERSON = 0, 1, 2, 3
"""How a category finds its DRG: at once; so unless another group is claimed; among candidates; by sex and age."""
HOW_BITS = 2
NO_RECORD, NO_ITEM_RECORD, FIRST_ITEM_RECORD = 0, 1, 2
"""Prices.record: of a voided claim, of a claim that no item prices though one should, of the first row of items."""
OLDEST = 126
"""The last age that DrgMap.by_person tells from the next."""
SEXES, AGES = 3, OLDEST + 2
LEVELS, OWNERSHIPS = 4, 3
"""Level 0 and ownership 0: no facility row is in force. A rate class is `level * OWNERSHIPS + ownership`."""

SEGMENT = np.dtype([("lower", "u8"), ("begin", "i4"), ("end", "i4")], align=True)
"""The codes from `lower` to the next segment's; its candidates are `begin : end`."""

CANDIDATE = np.dtype(
    [
        ("paired", "u8"),
        ("paired_mask", "u8"),  # 0: asks for no paired diagnosis
        ("drg", "i4"),
        ("position", "i4"),  # of the DRG's price in the price lists of the care type
        ("procedure", "u4"),
        ("procedure_mask", "u4"),  # 0: asks for no procedure
        ("age_from", "i4"),
        ("age_to", "i4"),  # inclusive
        ("asks_age", "u1"),
        ("sex", "i1"),  # SEX_*; SEX_UNKNOWN: any
    ],
    align=True,
)

PRICED = np.dtype(
    [
        ("gross_mnt", "i8"),
        ("weight_e4", "i8"),  # NO_MNT: null
        ("base_mnt", "i8"),  # NO_MNT: null
        ("reasons", "u8"),
        ("drg", "i4"),  # NO_CODE: null
        ("period_day", "i4"),  # NO_DAY: null
        ("by_item", "u1"),
    ],
    align=True,
)
"""What a claim costs and why. In the book: the price of a claim of quantity 1, whose `gross_mnt` is AS_BILLED_MNT where
its item has no unit price, and OVERFLOW_MNT where base rate times weight does not fit into int64."""

COPAY_TERM = np.dtype([("fixed_mnt", "i8"), ("rate_bp", "i4"), ("keeps_copay", "u1")], align=True)
"""`rate_bp` NO_CODE: a fixed amount; NOT_IN_FORCE_MNT: no row."""

CODE_RANGE = np.dtype([("lower", "u8"), ("upper", "u8")])
"""Packed ICD-10 codes, both ends included."""


class Periods(NamedTuple):
    """Which epoch a day lies in, and which month."""

    epoch_by_day: I16
    """LAST_DAY - FIRST_DAY + 1"""
    month_by_day: I32
    """LAST_DAY - FIRST_DAY + 1; see calendar.months_by_day"""
    stay: U8
    """c; 1: priced on the end date"""


class DrgMap(NamedTuple):
    """ICD-10 ranges cut into segments; the candidates of a segment stand in order of preference."""

    map_of: I32
    """(e, c): where the map in force begins in `answer` and `segment_of`; 0: the map without rows"""
    answer: I32
    """(2, CELLS a map): of claims without and with procedures, by category, `position << HOW_BITS | how`: the price of
    the DRG to be chosen, as far as OUTRIGHT, CONTESTED or SEARCHED says; `line << HOW_BITS | BY_PERSON`"""
    by_person: I32
    """(lines, SEXES, AGES): answers, never BY_PERSON, by SEX_* and age + 1 (at most AGES - 1; 0: unknown)"""
    segment_of: I32
    """CELLS a map: the segment in which a category begins"""
    segment: Records
    """SEGMENT; the last of each map is behind all codes"""
    candidate: Records
    """CANDIDATE"""


class Prices(NamedTuple):
    """Every price of the book, worked out; a claim finds its own by index."""

    service_of: I32
    """per service code of the batch + 1 (0: null): index of the book's service, -1: the book has no such service"""
    by_service: I32
    """(e, c, services + 1): per service of the book + 1 (0: any other, or none) the record of its item, or BY_GROUP"""
    by_group: I32
    """(e, c, LEVELS * OWNERSHIPS): where the price list of a rate class begins: NO_DRG, behind it the care type's DRGs
    by position"""
    record: Records
    """PRICED"""


class CopayTerms(NamedTuple):
    """The copayment rows, found by a packed key; the more specific key is tried first."""

    key: U64
    """ascending: care type << 56 | service + 1 << 32 | drg + 1 << 8 | level, with 0 for `*`"""
    combinations: U8
    """c: bit `m` is set where a row of the care type asks for exactly `m`: 1 level, 2 DRG, 4 service, added up"""
    term: Records
    """(e, keys) COPAY_TERM"""
    exempt_category: U8
    """(e, categories)"""
    exempt_range: Records
    """CODE_RANGE, by epoch"""
    exempt_offset: I32
    """e + 1"""


class Admission(NamedTuple):
    """Which facility may provide what, and which services need an order or are tested once: by epoch."""

    type_of: I16
    """per facility type of the facilities: index of the book's type, 0 for a type that the book does not have"""
    rule: npt.NDArray[np.int8]
    """(e, facility types + 1, 3, c): -1 no row, 0 eligible, 1 eligible and needs a contract"""
    empty: U8
    """e; 1: no row at all on that day"""
    order_service: U8
    """(e, services of the batch + 1): ORDER_REQUIRED lists the code"""
    screening_service: U8
    """(e, services of the batch + 1): POSITIVE_ALREADY lists the code"""


class CompiledBook(NamedTuple):
    """Everything above."""

    periods: Periods
    drg_map: DrgMap
    prices: Prices
    copay: CopayTerms
    admission: Admission

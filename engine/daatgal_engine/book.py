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

SEGMENT = np.dtype([("lower", "u8"), ("begin", "i4"), ("end", "i4")], align=True)
"""The codes from `lower` to the next segment's; its candidates are `begin : end`."""

CANDIDATE = np.dtype(
    [
        ("paired", "u8"),
        ("paired_mask", "u8"),  # 0: asks for no paired diagnosis
        ("drg", "i4"),
        ("procedure", "u4"),
        ("procedure_mask", "u4"),  # 0: asks for no procedure
        ("age_from", "i4"),
        ("age_to", "i4"),  # inclusive
        ("asks_age", "u1"),
        ("sex", "i1"),  # SEX_*; SEX_UNKNOWN: any
    ],
    align=True,
)

DRG_PRICE = np.dtype([("total_mnt", "i8"), ("weight_e4", "i8"), ("from_day", "i4")], align=True)
"""NOT_IN_FORCE_MNT where the row has the other of the two, or where there is no row; `from_day` NO_DAY: open."""

UNIT_PRICE = np.dtype([("mnt", "i8"), ("from_day", "i4")], align=True)
"""A base rate or an item: an amount, AS_BILLED_MNT or NOT_IN_FORCE_MNT."""

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
    """(e, c): index of the map in force, -1 where there is none"""
    cell: I32
    """(maps, CELLS, 2): the first and the last segment that touch a three-character category"""
    segment: Records
    """SEGMENT"""
    candidate: Records
    """CANDIDATE"""


class Prices(NamedTuple):
    """What a DRG and an item cost in each epoch."""

    drg_pair: I32
    """(c, d): index of the pair (care type, DRG), -1"""
    drg: Records
    """(e, pairs) DRG_PRICE"""
    base: Records
    """(e, c, 4, 3) UNIT_PRICE: by level (0: no facility row) and ownership (0: none)"""
    by_item: U8
    """(e, c)"""
    service_of: I32
    """per service code of the batch + 1 (0: null): index of the book's service, -1: the book has no such service"""
    item_of: I32
    """(c, services + 1): index of the item of a service of the book, -1; the last column is that of `*`"""
    item: Records
    """(e, items) UNIT_PRICE"""


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

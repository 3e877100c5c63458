"""The canonical form of a claim batch: what decode hands to every kernel.

In: nothing. Out: NamedTuples of arrays, all C-contiguous, read-only and of the dtypes given here; `n` rows are the
claims that decode accepted, in input order. No kernel lives here.
"""

from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I8 = npt.NDArray[np.int8]
I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Int = int | np.int64
"""A number of a kernel: written out, counted, or read from an int64 array; compiled, all are int64."""
Element = Any
"""An integer read from an array at an index that was itself read from one: NumPy's annotations take it for an array."""

FIRST_DAY = 7305
"""1990-01-01 in days since 1970-01-01: the first day a claim may carry."""
LAST_DAY = 47846
"""2100-12-31: the last day a claim may carry."""
NO_DAY = np.int32(-(2**31))
"""An unknown or absent day (birth date, tariff period)."""
NO_DEATH_DAY = np.int32(2**31 - 1)
"""The death day of a living person: later than every start."""
NO_MNT = np.int64(-1)
"""An absent amount: no amount of a claim is negative."""
NEVER_S = np.int64(2**63 - 1)
"""An absent `submitted_at`: nulls sort last."""
ZERO = np.int64(0)
"""Where a count or a place that is handed to a kernel begins: a plain 0 is a type of its own, compiled for anew."""
NO_CODE = -1
"""A null in a coded column."""
UNKNOWN_DRG = -2
"""A claimed DRG that the book does not have: it is claimed, and is never a candidate."""

MESSAGE_ORIGINAL, MESSAGE_REPLACEMENT, MESSAGE_CANCELLATION = 0, 1, 2
SEX_UNKNOWN, SEX_MALE, SEX_FEMALE = 0, 1, 2
COVERAGE_UNCHECKED, COVERAGE_IN_FORCE, COVERAGE_NONE = 0, 1, 2


class Ids(NamedTuple):
    """`n` identifiers as bytes; the byte order of two ids is their order.

    A string is its UTF-8 bytes; an int64 is eight big-endian bytes with the sign bit flipped. A null has no bytes.
    """

    data: U8
    """All bytes, one id after the other."""
    offset: I64
    """n + 1: where each id begins in `data`."""
    hash: U64
    """n: equal ids have equal hashes; equal hashes are settled by bytes."""


class ClaimColumns(NamedTuple):
    """The claims of a batch. A cancellation has only `claim`, `replaces`, `message` and `submitted_s` for sure."""

    claim: Ids
    insured: Ids
    replaces: Ids
    message: I8
    """MESSAGE_*"""
    submitted_s: I64
    """seconds since 1970 local time; NEVER_S: null"""
    start_s: I64
    end_s: I64
    facility: I32
    """index into the facilities"""
    care_type: I16
    """index into the book's care types"""
    department: I32
    """code within the batch; NO_CODE: null. Likewise `specialty`, `service`, `site`"""
    specialty: I32
    service: I32
    site: I32
    icd10: U64
    """the code's characters, left-justified in eight bytes, the first the most significant: in the order of strings"""
    secondary_offset: I64
    """n + 1"""
    secondary: U64
    """packed like `icd10`; only well-formed codes"""
    procedure_offset: I64
    """n + 1"""
    procedure: U32
    """2–4 digits, left-justified in four bytes; only well-formed codes, ascending and distinct within a claim"""
    claimed_drg: I32
    """index into the book's DRG codes; NO_CODE: null; UNKNOWN_DRG"""
    quantity: I32
    """null: 1"""
    billed_mnt: I64
    """NO_MNT: null"""
    sex: I8
    """SEX_*, filled from the insured"""
    birth_day: I32
    """NO_DAY: unknown, filled from the insured"""
    exemption: I16
    """index into the book's exemption categories; NO_CODE: none, or none that the book knows"""
    positive: U8
    """1: `test_result` is positive"""
    ordered: U8
    """1: `order_no` is given"""
    ignored: U8
    """1: a value that is not essential was malformed and ignored (IGNORED_VALUE)"""
    coverage: I8
    """COVERAGE_*: is a row of `insured` in force on the start day"""
    death_day: I32
    """of the row in force; NO_DEATH_DAY"""


class FacilityColumns(NamedTuple):
    """The facilities: `f` facilities with their periods, `p` periods in all, by facility, then `valid_from_day`."""

    offset: I64
    """f + 1: the periods of facility `i` are `offset[i] : offset[i + 1]`"""
    valid_from_day: I32
    valid_to_day: I32
    """inclusive; an open end is 2**31 - 1, an open beginning -2**31"""
    level: I8
    """1–3"""
    ownership: I8
    """OWNERSHIP_*"""
    facility_type: I16
    """index into the names of facility types that go with this table"""
    contract_from_day: I32
    contract_to_day: I32
    """inclusive, open like `valid_*`"""
    contracted: U64
    """bit `i`: the book's care type `i` is listed; 0 where `lists_contracts` is 0"""
    lists_contracts: U8
    """1: `contracted_care_types` is not null"""


OWNERSHIP_STATE, OWNERSHIP_PRIVATE = 1, 2

_Columns = TypeVar("_Columns", bound=tuple[npt.NDArray[np.generic], ...])
NOT_BY_ROW = ("secondary", "procedure", "service_of")
"""Columns of a NamedTuple that are not indexed by row; those that end in `_offset` have one entry more than rows."""


def rows_between(columns: _Columns, begin: int, end: int) -> _Columns:
    """Views of the rows `begin : end` of a NamedTuple of columns; offsets go on counting from the whole."""
    names: tuple[str, ...] = getattr(columns, "_fields")  # noqa: B009 - a TypeVar cannot say NamedTuple
    sliced = (
        column if name in NOT_BY_ROW else column[begin : end + name.endswith("_offset")]
        for name, column in zip(names, columns, strict=True)
    )
    return type(columns)(*sliced)

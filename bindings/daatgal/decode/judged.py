"""Read columns judged: what each value means, and which rows are faulty.

In: the read columns, the tariff book and the facilities. Out: decoded arrays over all rows, and their fault bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal.decode.arrays import frozen, in_threads, row_ranges
from daatgal.decode.contract import REQUIRED_COLUMNS
from daatgal.decode.faults import CANCELLATION_FAULTS, bit, mark
from daatgal.decode.lists import packed_values
from daatgal_engine.claim_checks import (
    OUTSIDE_LIST,
    UNKNOWN,
    CareTypePeriods,
    Checked,
    Codes,
    Meanings,
    Unchecked,
    check_claims,
    give_meanings,
)
from daatgal_engine.clinical_codes import pack_icd10
from daatgal_engine.columns import (
    I8,
    I16,
    I32,
    MESSAGE_CANCELLATION,
    MESSAGE_ORIGINAL,
    MESSAGE_REPLACEMENT,
    NO_CODE,
    SEX_FEMALE,
    SEX_MALE,
    SEX_UNKNOWN,
    U8,
    U64,
    UNKNOWN_DRG,
    rows_between,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.text import Coded
    from daatgal.facilities import Facilities
    from daatgal.tariff.book import TariffBook

MESSAGES: Final = {
    "original": MESSAGE_ORIGINAL,
    "replacement": MESSAGE_REPLACEMENT,
    "cancellation": MESSAGE_CANCELLATION,
}
_SEXES: Final = {"m": SEX_MALE, "f": SEX_FEMALE}
_NEGATIVE, _POSITIVE = 1, 2
_TEST_RESULTS: Final = {"negative": _NEGATIVE, "positive": _POSITIVE}
UNKNOWN_EXEMPTION: Final = -2
"""An exemption that the book does not know: given, so that the register does not fill it."""
_MEANING: Final = (
    "message", "facility_id", "care_type", "icd10", "drg_code", "sex", "exemption", "test_result",
)  # fmt: skip
"""The columns of which a code means something, in the order of `Codes`."""


class Judged(NamedTuple):
    """Decoded values of all rows; where a row is faulty or a cancellation they may mean nothing."""

    message: I8
    start_day: I32
    facility: I32
    care_type: I16
    icd10: U64
    claimed_drg: I32
    sex: I8
    birth_day: I32
    exemption: I16
    test_result: I8
    ignored: U8
    faults: U64


def _meanings(column: Coded, meaning: Mapping[Any, int], other: int, null: int, dtype: type[Any]) -> Any:
    """What each value of a column means: `other` where it has no meaning; last what a null means."""
    return frozen(
        np.array([*(meaning.get(value, other) for value in column.values.to_pylist()), null], dtype)
    )


def _numbered(names: Iterable[Any]) -> dict[Any, int]:
    return {name: i for i, name in enumerate(names)}


def judge(read: ReadColumns, book: TariffBook, facilities: Facilities) -> Judged:
    """Give every value its meaning and set the faults that a row has by itself."""
    coded = read.coded
    facility = _numbered(facilities.ids.to_pylist())
    care_type, drg = _numbered(book.care_type_names), _numbered(book.drg_codes)
    exemption = _numbered(book.exemption_categories)
    meanings = Meanings(
        message=_meanings(coded["message"], MESSAGES, OUTSIDE_LIST, MESSAGE_ORIGINAL, np.int8),
        facility=_meanings(coded["facility_id"], facility, UNKNOWN, NO_CODE, np.int32),
        care_type=_meanings(coded["care_type"], care_type, UNKNOWN, NO_CODE, np.int16),
        icd10=packed_values(coded["icd10"].values, pack_icd10),
        claimed_drg=_meanings(coded["drg_code"], drg, UNKNOWN_DRG, NO_CODE, np.int32),
        sex=_meanings(coded["sex"], _SEXES, OUTSIDE_LIST, SEX_UNKNOWN, np.int8),
        exemption=_meanings(coded["exemption"], exemption, UNKNOWN_EXEMPTION, NO_CODE, np.int16),
        test_result=_meanings(coded["test_result"], _TEST_RESULTS, OUTSIDE_LIST, 0, np.int8),
    )
    codes = Codes(*(coded[name].codes for name in _MEANING))
    unchecked, periods = _unchecked(read), care_type_periods(book)
    given, checked = _room(read.rows)

    def judge_rows(limits: tuple[int, int]) -> None:
        own = rows_between(given, *limits)
        give_meanings(rows_between(codes, *limits), meanings, own)
        check_claims(rows_between(unchecked, *limits), own, periods, rows_between(checked, *limits))

    in_threads(judge_rows, row_ranges(read.rows))
    judged = Judged(**(given._asdict() | checked._asdict()))
    _mark_unreadable(read, judged)
    return judged._replace(start_day=frozen(judged.start_day))


def _room(rows: int) -> tuple[Meanings, Checked]:
    given = Meanings(
        message=np.empty(rows, np.int8),
        facility=np.empty(rows, np.int32),
        care_type=np.empty(rows, np.int16),
        icd10=np.empty(rows, np.uint64),
        claimed_drg=np.empty(rows, np.int32),
        sex=np.empty(rows, np.int8),
        exemption=np.empty(rows, np.int16),
        test_result=np.empty(rows, np.int8),
    )
    checked = Checked(
        start_day=np.empty(rows, np.int32),
        birth_day=np.empty(rows, np.int32),
        ignored=np.empty(rows, np.uint8),
        faults=np.empty(rows, np.uint64),
    )
    return given, checked


def _unchecked(read: ReadColumns) -> Unchecked:
    fixed = read.fixed
    return Unchecked(
        claim_offset=read.ids["claim_id"].ids.offset,
        insured_offset=read.ids["insured_id"].ids.offset,
        start_s=frozen(fixed["start_at"].values),
        end_s=frozen(fixed["end_at"].values),
        submitted_s=frozen(fixed["submitted_at"].values),
        quantity=frozen(fixed["quantity"].values),
        billed_mnt=frozen(fixed["billed_mnt"].values),
        birth_day=frozen(fixed["birth_date"].values),
        secondary_malformed=frozen(read.secondary.malformed),
        procedure_malformed=frozen(read.procedures.malformed),
    )


def _mark_unreadable(read: ReadColumns, judged: Judged) -> None:
    """Where a value is given and cannot be read, it is not missing but of a bad type."""
    faults = judged.faults
    for name, unreadable in read.unreadable.items():
        if unreadable is None:
            continue
        if name == "replaces_claim_id":
            unreadable = unreadable & (judged.message != MESSAGE_ORIGINAL)  # ignored on an original
        if name in REQUIRED_COLUMNS:
            faults[unreadable] &= ~bit("MISSING_VALUE", name)
        mark(faults, unreadable, "BAD_TYPE", name)
    faults[judged.message == MESSAGE_CANCELLATION] &= CANCELLATION_FAULTS


def is_positive(test_result: I8) -> npt.NDArray[np.bool_]:
    """Tell which test results are positive."""
    return test_result == _POSITIVE


def care_type_periods(book: TariffBook) -> CareTypePeriods:
    """When each care type of the book is in force."""
    rows = [[row for row in book.care_types if row.care_type == name] for name in book.care_type_names]
    return CareTypePeriods(
        stay=frozen(np.array([own[0].stay for own in rows], np.uint8)),
        offset=frozen(np.cumsum([0, *(len(own) for own in rows)], dtype=np.int64)),
        from_day=frozen(np.array([row.valid_from_day for own in rows for row in own], np.int32)),
        to_day=frozen(np.array([row.valid_to_day for own in rows for row in own], np.int32)),
    )

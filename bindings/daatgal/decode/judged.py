"""Read columns judged: what each value means, and which rows are faulty.

In: the read columns, the tariff book and the facilities. Out: decoded arrays over all rows, and their fault bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal.decode.arrays import frozen, in_threads, row_ranges, strings_of
from daatgal.decode.faults import CANCELLATION_FAULTS, mark
from daatgal_engine.claim_checks import CareTypePeriods, Unchecked, check_claims
from daatgal_engine.clinical_codes import MALFORMED, pack_icd10
from daatgal_engine.columns import (
    I8,
    I16,
    I32,
    MESSAGE_CANCELLATION,
    MESSAGE_ORIGINAL,
    MESSAGE_REPLACEMENT,
    NO_CODE,
    NO_DAY,
    SEX_FEMALE,
    SEX_MALE,
    SEX_UNKNOWN,
    U8,
    U64,
    UNKNOWN_DRG,
    rows_between,
)
from daatgal_engine.insured_periods import drop_later_births
from daatgal_engine.written_values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.text import Coded
    from daatgal.facilities import Facilities
    from daatgal.tariff.book import TariffBook

MESSAGES: Final = {
    "original": MESSAGE_ORIGINAL,
    "replacement": MESSAGE_REPLACEMENT,
    "cancellation": MESSAGE_CANCELLATION,
}
_UNKNOWN_MESSAGE: Final = -1
_SEXES: Final = {"m": SEX_MALE, "f": SEX_FEMALE}
_OUTSIDE_LIST: Final = -1
_NEGATIVE, _POSITIVE = 1, 2
_TEST_RESULTS: Final = {"negative": _NEGATIVE, "positive": _POSITIVE}
UNKNOWN_EXEMPTION: Final = -2
"""An exemption that the book does not know: given, so that the register does not fill it."""
_DAY_S: Final = 86_400


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


def translated(column: Coded, meaning: Mapping[Any, int], other: int, null: int, dtype: type[Any]) -> Any:
    """Give each row the meaning of its text: `other` where it has none, `null` where there is no text."""
    of_value = np.array([*(meaning.get(value, other) for value in column.values.to_pylist()), null], dtype)
    return of_value[column.codes]


def judge(read: ReadColumns, book: TariffBook, facilities: Facilities) -> Judged:
    """Give every value its meaning and set the faults that a row has by itself."""
    faults = np.zeros(read.rows, np.uint64)
    message = translated(read.coded["message"], MESSAGES, _UNKNOWN_MESSAGE, MESSAGE_ORIGINAL, np.int8)
    mark(faults, message == _UNKNOWN_MESSAGE, "UNKNOWN_MESSAGE", "message")
    message[message == _UNKNOWN_MESSAGE] = MESSAGE_ORIGINAL
    facility_index = {facility: i for i, facility in enumerate(facilities.ids.to_pylist())}
    facility = translated(read.coded["facility_id"], facility_index, -2, -1, np.int32)
    mark(faults, facility == -2, "UNKNOWN_FACILITY", "facility_id")
    care_types = {name: i for i, name in enumerate(book.care_type_names)}
    care_type = translated(read.coded["care_type"], care_types, -2, -1, np.int16)
    mark(faults, care_type == -2, "UNKNOWN_CARE_TYPE", "care_type")
    icd10 = _diagnoses(read.coded["icd10"])
    mark(faults, icd10 == MALFORMED, "BAD_ICD10", "icd10")
    _mark_missing(read, faults, message)
    _check_values(read, message, care_type, care_type_periods(book), faults)
    faults[message == MESSAGE_CANCELLATION] &= CANCELLATION_FAULTS
    start_s = read.fixed["start_at"].values
    start_day = np.where(start_s == ABSENT, 0, np.clip(start_s // _DAY_S, -(2**31) + 1, 2**31 - 1)).astype(
        np.int32
    )
    return _with_person(
        read,
        Judged(
            message=message,
            start_day=frozen(start_day),
            facility=np.maximum(facility, NO_CODE),
            care_type=np.maximum(care_type, np.int16(NO_CODE)),
            icd10=icd10,
            claimed_drg=translated(
                read.coded["drg_code"],
                {code: i for i, code in enumerate(book.drg_codes)},
                UNKNOWN_DRG,
                NO_CODE,
                np.int32,
            ),
            sex=translated(read.coded["sex"], _SEXES, _OUTSIDE_LIST, SEX_UNKNOWN, np.int8),
            birth_day=np.empty(0, np.int32),
            exemption=translated(
                read.coded["exemption"],
                {category: i for i, category in enumerate(book.exemption_categories)},
                UNKNOWN_EXEMPTION,
                NO_CODE,
                np.int16,
            ),
            test_result=translated(read.coded["test_result"], _TEST_RESULTS, _OUTSIDE_LIST, 0, np.int8),
            ignored=np.zeros(read.rows, np.uint8),
            faults=faults,
        ),
    )


def _with_person(read: ReadColumns, judged: Judged) -> Judged:
    """Ignore what is not essential and malformed, and flag it."""
    days = read.fixed["birth_date"].values
    birth_day = np.where(days == ABSENT, int(NO_DAY), days).astype(np.int32)
    ignored = judged.ignored
    given = birth_day != NO_DAY
    drop_later_births(judged.start_day, birth_day)
    ignored |= given & (birth_day == NO_DAY)
    ignored |= judged.sex == _OUTSIDE_LIST
    ignored |= judged.test_result == _OUTSIDE_LIST
    ignored |= read.secondary.malformed
    ignored |= read.procedures.malformed
    ignored[judged.message == MESSAGE_CANCELLATION] = 0
    judged.sex[judged.sex == _OUTSIDE_LIST] = SEX_UNKNOWN
    judged.test_result[judged.test_result == _OUTSIDE_LIST] = 0
    return judged._replace(birth_day=birth_day)


def is_positive(test_result: I8) -> npt.NDArray[np.bool_]:
    """Tell which test results are positive."""
    return test_result == _POSITIVE


def _diagnoses(column: Coded) -> U64:
    packed = np.zeros(len(column.values) + 1, np.uint64)
    pack_icd10(strings_of(column.values), packed[:-1])
    packed[-1] = 1  # nothing: neither a code nor malformed
    return packed[column.codes]


def care_type_periods(book: TariffBook) -> CareTypePeriods:
    """When each care type of the book is in force."""
    rows = [[row for row in book.care_types if row.care_type == name] for name in book.care_type_names]
    return CareTypePeriods(
        stay=frozen(np.array([own[0].stay for own in rows], np.uint8)),
        offset=frozen(np.cumsum([0, *(len(own) for own in rows)], dtype=np.int64)),
        from_day=frozen(np.array([row.valid_from_day for own in rows for row in own], np.int32)),
        to_day=frozen(np.array([row.valid_to_day for own in rows for row in own], np.int32)),
    )


def _mark_missing(read: ReadColumns, faults: U64, message: I8) -> None:
    for name, unreadable in read.unreadable.items():
        if name == "replaces_claim_id" and unreadable is not None:
            unreadable = unreadable & (message != MESSAGE_ORIGINAL)  # ignored on an original
        mark(faults, unreadable, "BAD_TYPE", name)

    def absent(name: str, is_absent: npt.NDArray[np.bool_]) -> None:
        unreadable = read.unreadable[name]
        mark(faults, is_absent if unreadable is None else is_absent & ~unreadable, "MISSING_VALUE", name)

    for name in ("claim_id", "insured_id"):
        absent(name, np.diff(read.ids[name].ids.offset) == 0)
    for name in ("facility_id", "care_type", "icd10"):
        absent(name, read.coded[name].codes < 0)
    for name in ("start_at", "end_at"):
        absent(name, read.fixed[name].values == ABSENT)


def _check_values(
    read: ReadColumns, message: I8, care_type: I16, periods: CareTypePeriods, faults: U64
) -> None:
    columns = Unchecked(
        message=frozen(message),
        start_s=frozen(read.fixed["start_at"].values),
        end_s=frozen(read.fixed["end_at"].values),
        submitted_s=frozen(read.fixed["submitted_at"].values),
        quantity=frozen(read.fixed["quantity"].values),
        billed_mnt=frozen(read.fixed["billed_mnt"].values),
        care_type=frozen(care_type),
    )

    def check(limits: tuple[int, int]) -> None:
        start, stop = limits
        check_claims(rows_between(columns, start, stop), periods, faults[start:stop])

    in_threads(check, row_ranges(read.rows))

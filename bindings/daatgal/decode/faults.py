"""What can be wrong with a claim row: one bit for each code and column, and the words for it.

In: marks of rows. Out: fault bits per row; findings with a message for each row. Source: contract, quarantine codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from daatgal.decode.contract import COLUMNS, EXPECTED
from daatgal_engine import claim_checks

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal_engine.columns import U64


class Fault(NamedTuple):
    """A quarantine code in a column, and what was expected there."""

    code: str
    column: str
    expected: str


_RANGE = "a time from 1990-01-01 to 2100-12-31"
_CHECKED: Final = {
    claim_checks.START_OUT_OF_RANGE: Fault("DATE_OUT_OF_RANGE", "start_at", _RANGE),
    claim_checks.END_OUT_OF_RANGE: Fault("DATE_OUT_OF_RANGE", "end_at", _RANGE),
    claim_checks.SUBMITTED_OUT_OF_RANGE: Fault("DATE_OUT_OF_RANGE", "submitted_at", _RANGE),
    claim_checks.END_BEFORE_START: Fault("BAD_PERIOD", "end_at", "a time not before start_at"),
    claim_checks.QUANTITY_NEGATIVE: Fault("NEGATIVE_VALUE", "quantity", "0 or more"),
    claim_checks.BILLED_NEGATIVE: Fault("NEGATIVE_VALUE", "billed_mnt", "0 or more"),
    claim_checks.CARE_TYPE_UNKNOWN: Fault(
        "UNKNOWN_CARE_TYPE", "care_type", "a care type that the tariff book has on the pricing date"
    ),
    claim_checks.FACILITY_UNKNOWN: Fault("UNKNOWN_FACILITY", "facility_id", "an id of the facilities table"),
    claim_checks.ICD10_MALFORMED: Fault(
        "BAD_ICD10", "icd10", "an ICD-10 code such as G40.1: a letter, a digit and 1 to 5 more"
    ),
    claim_checks.MESSAGE_UNKNOWN: Fault(
        "UNKNOWN_MESSAGE", "message", "original, replacement, cancellation or nothing"
    ),
    claim_checks.CLAIM_MISSING: Fault("MISSING_VALUE", "claim_id", "a value"),
    claim_checks.INSURED_MISSING: Fault("MISSING_VALUE", "insured_id", "a value"),
    claim_checks.FACILITY_MISSING: Fault("MISSING_VALUE", "facility_id", "a value"),
    claim_checks.CARE_TYPE_MISSING: Fault("MISSING_VALUE", "care_type", "a value"),
    claim_checks.ICD10_MISSING: Fault("MISSING_VALUE", "icd10", "a value"),
    claim_checks.START_MISSING: Fault("MISSING_VALUE", "start_at", "a value"),
    claim_checks.END_MISSING: Fault("MISSING_VALUE", "end_at", "a value"),
}
"""Faults that a kernel finds; their bits are the lowest, in this order."""
_OTHERS: Final = (
    Fault("DUPLICATE_CLAIM_ID", "claim_id", "an id that no other claim of the batch or the history has"),
    Fault("MESSAGE_CYCLE", "replaces_claim_id", "a chain of messages that ends at an original"),
    Fault("MISSING_TARGET", "replaces_claim_id", "the id of a claim that is there and readable"),
    *(Fault("BAD_TYPE", column, EXPECTED.get(column, "text")) for column in COLUMNS),
)
FAULTS: Final = (*_CHECKED.values(), *_OTHERS)
"""Every fault; bit `i` of a row's faults is `FAULTS[i]`."""

_BIT: Final = {(fault.code, fault.column): np.uint64(1 << i) for i, fault in enumerate(FAULTS)}
_OF_CANCELLATIONS: Final = (
    ("MISSING_VALUE", "claim_id"),
    ("BAD_TYPE", "claim_id"),
    ("BAD_TYPE", "message"),
    ("BAD_TYPE", "replaces_claim_id"),
    ("DUPLICATE_CLAIM_ID", "claim_id"),
    ("MESSAGE_CYCLE", "replaces_claim_id"),
    ("MISSING_TARGET", "replaces_claim_id"),
)


def bit(code: str, column: str) -> np.uint64:
    """Give the bit of a code in a column."""
    return _BIT[code, column]


CANCELLATION_FAULTS: Final = np.uint64(sum(int(_BIT[key]) for key in _OF_CANCELLATIONS))
"""All that can be wrong with a cancellation."""


def mark(faults: U64, rows: npt.NDArray[np.bool_] | None, code: str, column: str) -> None:
    """Set a fault on the rows of a mask; None: on none."""
    if rows is not None:
        faults[rows] |= bit(code, column)

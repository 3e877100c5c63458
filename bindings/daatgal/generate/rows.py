"""The rows of a piece of a synthetic batch, as arrays, before they become Arrow.

In: nothing. Out: `Rows`, one array per claim column, codes instead of strings; NONE, NO_TIME and NO_AMOUNT mean null.
Codes at or above a column's vocabulary are deliberately broken values: see `encode`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
I8 = npt.NDArray[np.int8]
I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]

NONE = -1
"""A null in a coded column, and no claim in `replaces`."""
NO_TIME = -(2**63)
NO_AMOUNT = -(2**63)
NO_QUANTITY = -(2**31)
NO_DAY = -(2**31)

MAX_SECONDARY = 3
MAX_PROCEDURES = 2

SEX_MALE, SEX_FEMALE = 0, 1
MESSAGE_ORIGINAL, MESSAGE_REPLACEMENT, MESSAGE_CANCELLATION = 0, 1, 2
RESULT_POSITIVE, RESULT_NEGATIVE = 0, 1


class Rows(NamedTuple):
    """`n` claims. Every array has n rows."""

    number: I64
    """counts the claims of the batch; its permutation is the claim_id"""
    person: I64
    """counts the insured; its permutation is the insured_id"""
    facility: I32
    department: I32
    specialty: I32
    practitioner: I64
    care: I32
    icd: I32
    spelling: I8
    """how the facility writes a code: with a dot, without, in lower case"""
    secondary: I32
    """(n, MAX_SECONDARY)"""
    procedure: I32
    """(n, MAX_PROCEDURES)"""
    drg: I32
    service: I32
    site: I32
    quantity: I32
    start_s: I64
    end_s: I64
    billed_mnt: I64
    sex: I32
    birth_day: I32
    exemption: I32
    result: I32
    order_no: I64
    referral_no: I64
    message: I32
    replaces: I64
    submitted_s: I64

    def take(self, index: I64) -> Rows:
        """The rows at `index`, in that order, as a copy."""
        return Rows._make(column[index] for column in self)

    def presented_s(self) -> I64:
        """When each row comes to the payer: its sending, else its end."""
        return np.where(self.submitted_s == NO_TIME, self.end_s, self.submitted_s)


class Truth(NamedTuple):
    """What was done to which claim, and which claim it was done with (NONE: no other)."""

    kind: str
    number: I64
    related: I64


def concatenate(parts: list[Rows]) -> Rows:
    """All rows of all parts, one after the other."""
    return Rows._make(np.concatenate(columns) for columns in zip(*parts, strict=True))

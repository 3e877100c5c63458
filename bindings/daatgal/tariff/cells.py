"""What a cell of a tariff table may hold.

In: the text of one cell, without surrounding white space. Out: its typed value, or a CellError that says
what was expected. Amounts are whole tögrög of at most 15 digits: a spreadsheet keeps no more.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

from daatgal.tariff.rows import ANY, OPEN_FROM_DAY, OPEN_TO_DAY

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MAX_MNT: Final = 10**15 - 1
MAX_WEIGHT_E4: Final = 2**40 - 1
MAX_RATE_BP: Final = 10_000
MAX_AGE: Final = 150
LEVELS: Final = (1, 2, 3)
OWNERSHIPS: Final = ("state", "private")
SEXES: Final = ("m", "f")

_EPOCH: Final = date(1970, 1, 1).toordinal()
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ICD10: Final = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}")
"""A well-formed diagnosis code, normalised."""
PROCEDURE: Final = re.compile(r"[0-9]{2,4}")
"""A well-formed ICD-9-CM volume 3 code, normalised."""
_ICD10_PREFIX: Final = re.compile(r"[A-Z](?:[0-9][0-9A-Z]{0,5})?")
_PROCEDURE_PREFIX: Final = re.compile(r"[0-9]{1,4}")


class CellError(ValueError):
    """A cell that does not hold what its column asks for; the message is what was expected."""


def text(cell: str) -> str:
    """Any text, none too."""
    return cell


def filled(cell: str) -> str:
    """Some text: a name or code that cannot be empty."""
    if not cell:
        raise CellError("a value")
    return cell


def own_code(cell: str) -> str:
    """A code that is one code: `*` has a meaning of its own and cannot be one."""
    if not cell or cell == ANY:
        raise CellError("a code of its own, neither empty nor *")
    return cell


def source(cell: str) -> str:
    """Where the row comes from: a resolution, a clause, or `synthetic: …`."""
    if not cell:
        raise CellError("the row's source: a resolution, a clause, or 'synthetic: why'")
    return cell


def truth(cell: str) -> bool:
    """`true` or `false`, in small or capital letters as spreadsheets write them."""
    lowered = cell.lower()
    if lowered not in {"true", "false"}:
        raise CellError("true or false")
    return lowered == "true"


def integer(low: int, high: int, what: str) -> Callable[[str], int]:
    """A parser of whole numbers within low to high, both included."""

    def parse(cell: str) -> int:
        number = int(cell) if _INTEGER.fullmatch(cell) else None
        if number is None or not low <= number <= high:
            raise CellError(f"{what}, a whole number from {low} to {high}")
        return number

    return parse


def choice(*names: str) -> Callable[[str], str]:
    """A parser of one of a few names, exactly as they are spelt."""

    def parse(cell: str) -> str:
        if cell not in names:
            raise CellError(" or ".join(names))
        return cell

    return parse


def or_empty(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """The same parser, with None for an empty cell."""

    def parse_or_empty(cell: str) -> T | None:
        if not cell:
            return None
        try:
            return parse(cell)
        except CellError as error:
            raise CellError(f"{error}, or nothing") from None

    return parse_or_empty


def or_any(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """The same parser, with None for `*`."""

    def parse_or_any(cell: str) -> T | None:
        if cell == ANY:
            return None
        try:
            return parse(cell)
        except CellError as error:
            raise CellError(f"{error}, or * for any") from None

    return parse_or_any


def names(cell: str) -> tuple[str, ...]:
    """Names separated by `|`, in the order they are written; an empty cell is none."""
    if not cell:
        return ()
    parts = tuple(part.strip() for part in cell.split("|"))
    if not all(parts) or len(set(parts)) < len(parts):
        raise CellError("different names separated by |")
    return parts


def normalised_code(cell: str) -> str:
    """A diagnosis or procedure code in capitals, without dots and white space."""
    return "".join(cell.split()).replace(".", "").upper()


def icd10_bound(cell: str) -> str:
    """A bound of an ICD-10 range: a well-formed code, hence of 3 to 7 characters."""
    code = normalised_code(cell)
    if not ICD10.fullmatch(code):
        raise CellError("an ICD-10 code of at least 3 characters, such as G40 or G40.1")
    return code


def icd10_prefix(cell: str) -> str:
    """The beginning of an ICD-10 code, a letter at least."""
    code = normalised_code(cell)
    if not _ICD10_PREFIX.fullmatch(code):
        raise CellError("the beginning of an ICD-10 code, such as C, C5 or C50.1")
    return code


def procedure_prefix(cell: str) -> str:
    """The beginning of an ICD-9-CM volume 3 code, a digit at least."""
    code = normalised_code(cell)
    if not _PROCEDURE_PREFIX.fullmatch(code):
        raise CellError("the beginning of an ICD-9-CM volume 3 code, such as 01.5 or 031")
    return code


def first_day(cell: str) -> int:
    """The first day of a period; open where empty."""
    return _day(cell) if cell else OPEN_FROM_DAY


def last_day(cell: str) -> int:
    """The last day of a period; open where empty."""
    return _day(cell) if cell else OPEN_TO_DAY


def shown_day(day: int) -> str:
    """A day as it is written in the tables; `the beginning` and `the end` where a period is open."""
    if day == OPEN_FROM_DAY:
        return "the beginning"
    if day == OPEN_TO_DAY:
        return "the end"
    return date.fromordinal(day + _EPOCH).isoformat()


def _day(cell: str) -> int:
    expected = "a date as YYYY-MM-DD, or nothing where the period is open"
    if not _ISO_DATE.fullmatch(cell):
        raise CellError(expected)
    try:
        return date.fromisoformat(cell).toordinal() - _EPOCH
    except ValueError:
        raise CellError(expected) from None


mnt: Final = integer(0, MAX_MNT, "an amount in whole tögrög")
weight_e4: Final = integer(0, MAX_WEIGHT_E4, "a cost weight in ten-thousandths")
rate_bp: Final = integer(0, MAX_RATE_BP, "a rate in basis points")
age: Final = integer(0, MAX_AGE, "an age in completed years")
priority: Final = integer(-(2**31), 2**31 - 1, "a priority")
level: Final = or_any(integer(LEVELS[0], LEVELS[-1], "a level"))
ownership: Final = choice(*OWNERSHIPS)
sex: Final = or_empty(choice(*SEXES))

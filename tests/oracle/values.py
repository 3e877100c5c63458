"""One raw value in, one value of the contract's type out; `UnreadableError` if it cannot be read as that type."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

INT64 = (-(2**63), 2**63 - 1)
INT32 = (-(2**31), 2**31 - 1)
_WRITTEN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WRITTEN_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?", re.ASCII
)


class UnreadableError(Exception):
    """The value is there and is not of its column's type."""


def absent(value: object) -> bool:
    """An empty or blank string is a null, in every format."""
    return value is None or (isinstance(value, str) and not value.strip())


def text(value: object) -> str:
    if not isinstance(value, str):
        raise UnreadableError
    return value


def identifier(value: object) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnreadableError
    return value


def whole_number(value: object, bounds: tuple[int, int]) -> int:
    """An int, or a float, decimal or text that is a whole number within bounds."""
    if isinstance(value, bool):
        raise UnreadableError
    if isinstance(value, str):
        value = value.strip()
        if _WRITTEN_NUMBER.fullmatch(value) is None:
            raise UnreadableError
    try:
        exact = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise UnreadableError from None
    if not exact.is_finite() or exact != exact.to_integral_value():
        raise UnreadableError
    low, high = bounds
    if not low <= exact <= high:
        raise UnreadableError
    return int(exact)


def instant(value: object, zone: ZoneInfo) -> datetime:
    """Local time to the second: finer ones are cut, zoned ones converted, a date means midnight."""
    if isinstance(value, str):
        value = _written(value.strip())
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(zone).replace(tzinfo=None)
        return value.replace(microsecond=0)
    if isinstance(value, date):
        return datetime.combine(value, time(0))
    raise UnreadableError


def _written(value: str) -> datetime:
    found = _WRITTEN_TIME.fullmatch(value)
    if found is None:
        raise UnreadableError
    day, clock, second, zone = found.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock or '00:00'}{second or ':00'}{zone or ''}")
    except ValueError:
        raise UnreadableError from None


def day(value: object, zone: ZoneInfo) -> date:
    return instant(value, zone).date()


def strings(value: object) -> list[str]:
    """A list of strings, or one text that separates them with `|`; null elements are skipped."""
    if isinstance(value, str):
        value = value.split("|")
    if not isinstance(value, list | tuple):
        raise UnreadableError
    return [text(element) for element in value if not absent(element)]

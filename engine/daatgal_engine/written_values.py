"""Times and whole numbers: nulls among them, and those read from text, as CSV files bring them.

In: numbers with a bitmap, or strings. Out: seconds and integers, ABSENT where null, with a mark for what cannot be
read. Row maps.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I64, U8, ZERO, Int
from daatgal_engine.strings import Strings, is_blank, is_null, space_width

ABSENT = -(2**63)
"""A null among int64 values that are still unchecked; no time and no amount is that low."""
UNREADABLE, LOCAL, ZONED = 0, 1, 2
_DAYS_BEFORE = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64)
_DAYS_IN = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_LARGEST = 2**63 - 1
_MOST_ZEROS = 18


@kernel
def leave_out_nulls(valid: U8, first_bit: Int, values: I64) -> None:
    """Write ABSENT into `values` int64[m] where the bitmap, from `first_bit` on, says null.

    Every value is written: a branch that goes either way costs more.
    """
    for i in range(values.size):
        values[i] = ABSENT if is_null(valid, first_bit + i) else values[i]


@kernel
def fill_absent(values: I64, other: Int, absent: U8) -> Int:
    """Write `other` into `values` int64[m] where they are ABSENT, and to `absent` uint8[m] 1 there, else 0.

    Returns how many are. Every value is written: a branch that goes either way costs more.
    """
    count = 0
    for i in range(np.uint64(values.size)):
        value = values[i]
        absent[i] = value == ABSENT
        count += value == ABSENT
        values[i] = other if value == ABSENT else value
    return count


@kernel
def day_number(year: Int, month: Int, day: Int) -> Int:
    """Count the days since 1970-01-01 of a Gregorian date."""
    leaps = (year - 1) // 4 - (year - 1) // 100 + (year - 1) // 400 - 477
    leap_day = 1 if month > 2 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)) else 0
    return 365 * (year - 1970) + leaps + _DAYS_BEFORE[month - 1] + leap_day + day - 1


@kernel
def _digits(data: U8, begin: Int, end: Int, limit: Int) -> Int:
    """Read `data[begin:limit]` as a number; -1 if it is not digits alone or ends beyond `end`."""
    if limit > end:
        return -1
    number = 0
    for at in range(begin, limit):
        if data[at] < 0x30 or data[at] > 0x39:
            return -1
        number = number * 10 + np.int64(data[at]) - 0x30
    return number


@kernel
def _date_s(data: U8, begin: Int, end: Int) -> Int:
    """Read `YYYY-MM-DD` at `begin` as seconds; ABSENT if there is no date."""
    if begin + 10 > end or data[begin + 4] != 0x2D or data[begin + 7] != 0x2D:
        return ABSENT
    year = _digits(data, begin, end, begin + 4)
    month = _digits(data, begin + 5, end, begin + 7)
    day = _digits(data, begin + 8, end, begin + 10)
    if year < 1 or month < 1 or month > 12 or day < 1:
        return ABSENT
    leap = 1 if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 0
    if day > _DAYS_IN[month - 1] + leap:
        return ABSENT
    return day_number(year, month, day) * 86_400


@kernel
def _zone_s(data: U8, begin: Int, end: Int) -> Int:
    """Read `Z`, `±HH`, `±HHMM` or `±HH:MM` as seconds east; ABSENT if it is none of these."""
    if end - begin == 1 and data[begin] == 0x5A:
        return 0
    length = end - begin
    if data[begin] != 0x2B and data[begin] != 0x2D:
        return ABSENT
    hours, minutes = _digits(data, begin + 1, end, begin + 3), 0
    if length == 6 and data[begin + 3] == 0x3A:
        minutes = _digits(data, begin + 4, end, end)
    elif length == 5:
        minutes = _digits(data, begin + 3, end, end)
    elif length != 3:
        return ABSENT
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return ABSENT
    east = hours * 3_600 + minutes * 60
    return east if data[begin] == 0x2B else -east


@kernel
def _time(data: U8, begin: Int, end: Int) -> tuple[Int, Int]:
    """Read `YYYY-MM-DD[T| ]HH:MM[:SS[.fraction]][ ][zone]`: seconds (in UTC if zoned) and what they are."""
    seconds = _date_s(data, begin, end)
    if seconds == ABSENT or begin + 10 == end:
        return seconds, UNREADABLE if seconds == ABSENT else LOCAL
    at = begin + 10
    if data[at] != 0x20 and data[at] != 0x54:
        return ABSENT, UNREADABLE
    hour, minute = _digits(data, at + 1, end, at + 3), _digits(data, at + 4, end, at + 6)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or data[at + 3] != 0x3A:
        return ABSENT, UNREADABLE
    seconds += hour * 3_600 + minute * 60
    at += 6
    if at < end and data[at] == 0x3A:
        second = _digits(data, at + 1, end, at + 3)
        if second < 0 or second > 59:
            return ABSENT, UNREADABLE
        seconds += second
        at += 3
        if at < end and data[at] == 0x2E:
            fraction = at + 1
            at = fraction
            while at < end and 0x30 <= data[at] <= 0x39:
                at += 1
            if at == fraction:
                return ABSENT, UNREADABLE
    if at == end:
        return seconds, LOCAL
    if data[at] == 0x20:
        at += 1
    east = _zone_s(data, at, end)
    if east == ABSENT:
        return ABSENT, UNREADABLE
    return seconds - east, ZONED


@kernel
def _trimmed(data: U8, begin: Int, end: Int) -> tuple[Int, Int]:
    """Leave out ASCII white space at both ends."""
    while begin < end and space_width(data, begin, end) == 1:
        begin += 1
    while begin < end and space_width(data, end - 1, end) == 1:
        end -= 1
    return begin, end


@kernel
def read_times(strings: Strings, seconds: I64, kind: U8) -> None:
    """Read times: `seconds` int64[m] since 1970, ABSENT if null or unreadable; `kind` LOCAL, ZONED, UNREADABLE."""
    data, offset, valid, first_bit = strings
    for i in range(kind.size):
        begin, end = np.int64(offset[i]), np.int64(offset[i + 1])
        if is_null(valid, first_bit + i) or is_blank(data, begin, end):
            seconds[i] = ABSENT
            kind[i] = LOCAL
        else:
            first, last = _trimmed(data, begin, end)
            seconds[i], kind[i] = _time(data, first, last)


@kernel
def _shifted(number: Int, digit: Int, places: Int) -> Int:
    """Append `places` decimal places, the last of them `digit`; ABSENT beyond int64."""
    for place in range(places):
        last = digit if place == places - 1 else 0
        if number > (_LARGEST - last) // 10:
            return ABSENT
        number = number * 10 + last
    return number


@kernel
def _exponent(data: U8, begin: Int, end: Int) -> Int:
    """Read `e[+-]digits`; ABSENT if it is not that, beyond 999 always too much."""
    if data[begin] != 0x65 and data[begin] != 0x45:
        return ABSENT
    at = begin + 1
    negative = at < end and data[at] == 0x2D
    if negative or (at < end and data[at] == 0x2B):
        at += 1
    power = _digits(data, at, end, end) if 0 < end - at <= 3 else -1
    if power < 0:
        return ABSENT
    return -power if negative else power


@kernel
def _whole(data: U8, begin: Int, end: Int) -> Int:
    """Read a decimal number such as `-1200`, `1200.00` or `1.2e3`; ABSENT if it is none, not whole or too large."""
    negative = begin < end and data[begin] == 0x2D
    at = begin + 1 if begin < end and (negative or data[begin] == 0x2B) else begin
    number, digits, power, zeros, after_point = ZERO, 0, 0, 0, False
    while at < end and (0x30 <= data[at] <= 0x39 or (data[at] == 0x2E and not after_point)):
        if data[at] == 0x2E:
            after_point = True
        else:
            digits += 1
            power -= 1 if after_point else 0
            if data[at] == 0x30:
                zeros += 1  # appended once a digit follows, so that closing zeros cost no range
            else:
                number = _shifted(number, np.int64(data[at]) - 0x30, zeros + 1 if number > 0 else 1)
                zeros = 0
                if number == ABSENT:
                    return ABSENT
        at += 1
    exponent = _exponent(data, at, end) if at < end else 0
    if digits == 0 or exponent == ABSENT:
        return ABSENT
    power += zeros + exponent
    if number == 0:
        return 0
    if power < 0 or power > _MOST_ZEROS:
        return ABSENT
    number = _shifted(number, ZERO, power)
    return -number if negative and number != ABSENT else number


@kernel
def read_wholes(strings: Strings, number: I64, unreadable: U8) -> None:
    """Read whole numbers: `number` int64[m], ABSENT if null or unreadable; `unreadable` uint8[m]."""
    data, offset, valid, first_bit = strings
    for i in range(unreadable.size):
        begin, end = np.int64(offset[i]), np.int64(offset[i + 1])
        unreadable[i] = 0
        number[i] = ABSENT
        if not is_null(valid, first_bit + i) and not is_blank(data, begin, end):
            first, last = _trimmed(data, begin, end)
            number[i] = _whole(data, first, last)
            unreadable[i] = number[i] == ABSENT

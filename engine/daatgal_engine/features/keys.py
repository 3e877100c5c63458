"""Combinations numbered, so that each is looked up once however many claims share it. Row maps.

In: a packed key per row. Out: the number of its combination by first appearance, and the distinct keys. The numbers
depend on the order of rows; what is looked up for a combination does not.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I32, I64, U8, U64, Int

_LOW = np.uint64(0xFFFFFFFF)
_MIX_LOW, _MIX_HIGH = np.uint64(0x9E3779B1), np.uint64(0x85EBCA77)
_HALF = np.uint64(32)
FIRST_KEYS = 1 << 12
"""A power of two: so many distinct keys have room before the table grows, fourfold each time."""


@kernel
def slot_of(key: np.uint64, shift: np.uint64) -> Int:
    """Where the search for a key begins: the leading bits of a hash of its halves, whose products do not overflow."""
    high = (key >> _HALF) * _MIX_HIGH
    return np.int64(((key & _LOW) * _MIX_LOW ^ (high << _HALF | high >> _HALF)) >> shift)


@kernel
def shift_of(slots: int) -> np.uint64:
    """How far a 64-bit hash is shifted to number one of `slots`, a power of two."""
    shift = 64
    while slots > 1:
        slots >>= 1
        shift -= 1
    return np.uint64(shift)


@kernel
def refill(table: I32, distinct: U64, count: Int) -> None:
    """Make `table`, of a power of two of slots, hold the first `count` distinct keys; -1: free."""
    table[:] = -1
    last, shift = table.size - 1, shift_of(table.size)
    for k in range(count):
        slot = slot_of(distinct[k], shift)
        while table[slot] >= 0:
            slot = (slot + 1) & last
        table[slot] = k


@kernel
def number_some(keys: U64, numbers: I32, table: I32, distinct: U64, done: tuple[Int, Int]) -> tuple[Int, Int]:
    """Number keys from a row on until all are done or `distinct` is full. Takes and returns: the row, the count.

    The arrays stay what they are throughout the loop, which is what makes it quick.
    """
    row, count = done
    last, shift = table.size - 1, shift_of(table.size)
    while row < keys.size:
        key = keys[row]
        slot = slot_of(key, shift)
        number = table[slot]
        while number >= 0 and distinct[number] != key:
            slot = (slot + 1) & last
            number = table[slot]
        if number < 0:
            if count == distinct.size:
                break
            number = count
            distinct[count] = key
            table[slot] = number
            count += 1
        numbers[row] = number
        row += 1
    return row, count


def number_keys(keys: U64, numbers: I32) -> U64:
    """Number the distinct keys in order of appearance. Writes: `numbers` int32[n]. Returns: the distinct keys."""
    distinct = np.empty(FIRST_KEYS, np.uint64)
    row, count = 0, 0
    while True:
        table = np.empty(2 * distinct.size, np.int32)
        refill(table, distinct, count)
        row, count = number_some(keys, numbers, table, distinct, (row, count))
        if row == keys.size:
            return distinct[:count].copy()
        wider = np.empty(4 * distinct.size, np.uint64)
        wider[:count] = distinct
        distinct = wider


@kernel
def add_up(numbers: I32, amounts: I64, total: I64) -> None:
    """total[numbers[i]] += amounts[i]; a negative number belongs nowhere."""
    for i in range(numbers.size):
        if numbers[i] >= 0:
            total[numbers[i]] += amounts[i]


@kernel
def greatest_of_lists(offset: I64, values: np.ndarray, out: np.ndarray) -> None:
    """out[i] = the greatest of `values[offset[i] : offset[i + 1]]`; an empty list leaves what is there."""
    for i in range(out.size):
        for k in range(offset[i], offset[i + 1]):
            if k == offset[i] or values[k] > out[i]:
                out[i] = values[k]


NO_KEY = np.uint64(2**64 - 1)
"""The key of what has none."""


class GroupColumns(NamedTuple):
    """What the group and the family of `n` claims are made of; codes are -1 where null."""

    standing: U8
    care_type: I32
    drg: I32
    service: I32
    specialty: I32
    icd10: U64


@kernel
def group_keys(claims: GroupColumns, groups: U64, families: U64) -> None:
    """16 bits of care type, 16 of kind, 32 of the code within the kind. NO_KEY: voided; of families also without DRG.

    Kinds of groups: 0 DRG, 1 service, 2 neither. Kinds of families: 0 specialty, 1 the letter of the ICD-10 code.
    """
    for i in range(groups.size):
        groups[i], families[i] = NO_KEY, NO_KEY
        if claims.standing[i] == 0:
            continue
        care = np.uint64(claims.care_type[i]) << np.uint64(48)
        if claims.drg[i] >= 0:
            groups[i] = care | np.uint64(claims.drg[i])
            if claims.specialty[i] >= 0:
                families[i] = care | np.uint64(claims.specialty[i])
            else:
                families[i] = care | np.uint64(1 << 32) | claims.icd10[i] >> np.uint64(56)
        elif claims.service[i] >= 0:
            groups[i] = care | np.uint64(1 << 32) | np.uint64(claims.service[i])
        else:
            groups[i] = care | np.uint64(2 << 32)


@kernel
def day_keys(rows: I64, start_s: I64, facility: I32, who: I32, out: U64) -> None:
    """16 bits of day, 20 of facility, 28 of cabinet or doctor. NO_KEY: the claim names none."""
    for k in range(out.size):
        row = rows[k]
        if who[row] < 0:
            out[k] = NO_KEY
        else:
            day = np.uint64(start_s[row] // DAY_S)
            out[k] = day << np.uint64(48) | np.uint64(facility[row]) << np.uint64(28) | np.uint64(who[row])

"""Combinations numbered, so that each is looked up once however many claims share it. Row maps.

In: a packed key per row. Out: the number of its combination by first appearance, and the distinct keys. The numbers
depend on the order of rows; what is looked up for a combination does not.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, U8, U64, ZERO, Int

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
FIRST_KEYS = 1 << 12
"""A power of two: so many distinct keys have room before the table grows, fourfold each time."""


@kernel
def slot_of(key: np.uint64, shift: np.uint64) -> Int:
    """Where the search for a key begins: the leading bits of a product that wraps around, which every bit moves."""
    return np.int64((key ^ key >> _HALF) * _SPREAD >> shift)


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


class KeyTable:
    """Distinct keys, numbered in order of appearance."""

    def __init__(self) -> None:
        self._room = np.empty(FIRST_KEYS, np.uint64)
        self._slots = np.full(2 * FIRST_KEYS, -1, np.int32)
        self._count = ZERO

    @property
    def distinct(self) -> U64:
        """The keys met so far, by number."""
        return self._room[: self._count].copy()

    def number(self, keys: U64, numbers: I32) -> None:
        """Write the number of each key into `numbers` int32[n]."""
        with np.errstate(over="ignore"):  # a hash wraps around, which the interpreter would warn of
            row, self._count = number_some(keys, numbers, self._slots, self._room, (ZERO, self._count))
            while row < keys.size:
                wider = np.empty(4 * self._room.size, np.uint64)
                wider[: self._count] = self._room
                self._room, self._slots = wider, np.empty(2 * wider.size, np.int32)
                refill(self._slots, wider, self._count)
                row, self._count = number_some(keys, numbers, self._slots, wider, (row, self._count))


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

"""Which tests, devices and services are ordered, how often, and what a unit costs.

In flow a tariff book's items and a day; out flow `Services`: choice tables and unit prices by care type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.generate.dated import in_force
from daatgal.generate.draws import choice_table
from daatgal.generate.rows import NO_AMOUNT, NONE

if TYPE_CHECKING:
    from daatgal.generate.rows import I32, I64
    from daatgal.tariff.book import TariffBook

OTHER_SERVICES = tuple(f"X{number:03d}" for number in range(1, 13))
"""Codes that no book lists by name: they meet a care type's `*` row."""

_MIDDLING_MNT = 50_000
_MOSTLY_BY_GROUP, _RARELY = 40.0, 0.005


class Services(NamedTuple):
    """The services of a book; `c` care types, `s` services."""

    names: tuple[str, ...]
    table: I32
    """(c, TABLE_SIZE): services as often as they are ordered; NONE: priced without one"""
    following: I32
    """(c, s): the service ordered along with one, round and round through those of the care type"""
    unit_mnt: I64
    """(c, s); NO_AMOUNT: as billed or no row"""


def services_of(book: TariffBook, day: int, cares: dict[str, int]) -> Services:
    """The services of each care type, the first of the book and the cheap ones most often, and their unit prices."""
    items = [row for row in book.items if in_force(row, day)]
    names = tuple(
        dict.fromkeys([row.service_code for row in items if row.service_code != "*"] + list(OTHER_SERVICES))
    )
    code = {name: index for index, name in enumerate(names)}
    by_drg = {row.care_type for row in book.care_types if in_force(row, day) and row.priced_by == "drg"}
    unit = np.full((len(cares), len(names)), NO_AMOUNT, dtype=np.int64)
    following = np.tile(np.arange(len(names), dtype=np.int32), (len(cares), 1))
    tables: list[I32] = []
    for care, care_index in cares.items():
        mine = [row for row in items if row.care_type == care]
        rest = [row.unit_mnt for row in mine if row.service_code == "*"]
        unit[care_index, :] = NO_AMOUNT if not rest or rest[0] is None else rest[0]
        listed = [row for row in mine if row.service_code != "*"]
        named = [code[row.service_code] for row in listed]
        prices = [row.unit_mnt for row in listed]
        unit[care_index, named] = [NO_AMOUNT if price is None else price for price in prices]
        following[care_index, named] = named[1:] + named[:1]
        weights = [_often(rank, price or _MIDDLING_MNT) for rank, price in enumerate(prices)]
        others = [code[name] for name in OTHER_SERVICES] if rest else []
        plain = _MOSTLY_BY_GROUP * sum(weights) if care in by_drg else _RARELY * sum(weights)
        drawn = np.array([NONE, *named, *others], dtype=np.int32)
        spread = [plain or 1.0, *weights, *([_RARELY * sum(weights)] * len(others))]
        tables.append(drawn[choice_table(spread)])
    return Services(names, np.stack(tables), following, unit)


def _often(rank: int, price_mnt: int) -> float:
    """How often a service is ordered: by Zipf's law in the book's order, and the dearer the seldomer."""
    return (rank + 1.0) ** -0.8 * max(price_mnt, 1) ** -0.5

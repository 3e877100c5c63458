"""What a facility would claim and ask for: groups, services and prices of a tariff book, as tables to draw from.

In flow a tariff book, a day and the catalogue of diagnoses; out flows a `PriceList`, arrays indexed by care type,
diagnosis, age and sex. It chooses groups as rules.md §2 does, so that most claims carry the group that will be paid.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.generate.dated import in_force, same_rows_window
from daatgal.generate.diagnoses import diagnoses
from daatgal.generate.rows import NO_AMOUNT, NONE
from daatgal.generate.services import services_of

if TYPE_CHECKING:
    from daatgal.generate.rows import I32, I64, Bools
    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.rows import DrgMapRow

LEVELS = 3
PAIRS = 16
OWNERSHIPS = ("state", "private")
_POSITION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class PriceList(NamedTuple):
    """The book on one day; `c` care types, `k` diagnoses, `b` age bands, `d` groups, `s` services."""

    from_day: int
    to_day: int
    """the days, both included, on which no row of the book begins or ends"""
    by_item: Bools
    """c: priced by item"""
    age_from: I32
    """b: the first year of each band that the book tells apart"""
    plain_group: I32
    """(c, k, b, 2): the group of a claim without procedures; NONE: none"""
    special_row: I32
    """(c, k, b, 2): the row of `special_*` that a procedure or a paired diagnosis leads to; NONE"""
    special_group: I32
    special_procedure: I32
    """index into `procedures`; NONE"""
    special_pair: I32
    """(rows, PAIRS): diagnoses that pair; NONE"""
    procedures: tuple[str, ...]
    price_mnt: I64
    """(c, LEVELS, 2, d); NO_AMOUNT: no price"""
    services: tuple[str, ...]
    service_table: I32
    """(c, TABLE_SIZE): services as often as they are ordered; NONE: priced without one"""
    next_service: I32
    """(c, s): the service ordered along with one, round and round through those of the care type"""
    unit_mnt: I64
    """(c, s); NO_AMOUNT: as billed or no row"""


def price_list(book: TariffBook, day: int) -> PriceList:
    """The tables of `book` as it stands on `day` (days since 1970)."""
    cares = {name: index for index, name in enumerate(book.care_type_names)}
    groups = {code: index for index, code in enumerate(book.drg_codes)}
    maps = [row for row in book.drg_map if in_force(row, day)]
    ages = (
        {0}
        | {row.age_from for row in maps if row.age_from}
        | {row.age_to + 1 for row in maps if row.age_to is not None}
    )
    age_from = np.array(sorted(ages), dtype=np.int32)
    by_item = np.zeros(len(cares), dtype=np.bool_)
    for row in book.care_types:
        if in_force(row, day):
            by_item[cares[row.care_type]] = row.priced_by == "item"
    special = [row for row in maps if row.procedure is not None or row.paired_icd10 is not None]
    procedures = tuple(sorted({_performed(row.procedure) for row in special if row.procedure is not None}))
    procedures = (
        *procedures,
        *(code for code in ("9904", "8952", "8703", "3893", "9339") if code not in procedures),
    )
    shape = (len(cares), len(diagnoses().code), age_from.size, 2)
    plain, chosen = np.full(shape, NONE, dtype=np.int32), np.full(shape, NONE, dtype=np.int32)
    _choose(plain, maps, [groups[row.drg_code] for row in maps], cares, age_from, plain_only=True)
    _choose(chosen, special, list(range(len(special))), cares, age_from, plain_only=False)
    services = services_of(book, day, cares)
    first, last = same_rows_window(book, day)
    return PriceList(
        from_day=first,
        to_day=last,
        by_item=by_item,
        age_from=age_from,
        plain_group=plain,
        special_row=chosen,
        special_group=np.array([groups[row.drg_code] for row in special] or [NONE], dtype=np.int32),
        special_procedure=np.array(
            [
                NONE if row.procedure is None else procedures.index(_performed(row.procedure))
                for row in special
            ]
            or [NONE],
            dtype=np.int32,
        ),
        special_pair=np.array(
            [_paired(row.paired_icd10) for row in special] or [[NONE] * PAIRS], dtype=np.int32
        ),
        procedures=procedures,
        price_mnt=_prices(book, day, cares, groups),
        services=services.names,
        service_table=services.table,
        next_service=services.following,
        unit_mnt=services.unit_mnt,
    )


def _performed(prefix: str) -> str:
    """A procedure that a row's prefix admits: a whole code where the row names only its first two digits."""
    return prefix + "1" if len(prefix) == 2 else prefix


def _preference(row: DrgMapRow) -> tuple[int, bool, int, bytes]:
    """Sorts the row that rules.md §2.3 prefers first."""

    def steps(bound: str) -> int:
        return (ord(bound[0]) * 10 + int(bound[1])) * 36 + _POSITION.index(bound[2])

    width = steps(row.icd10_to) - steps(row.icd10_from)
    return -row.priority, row.procedure is None, width, row.drg_code.encode()


def _choose(
    into: I32,
    rows: list[DrgMapRow],
    value: list[int],
    cares: dict[str, int],
    age_from: I32,
    *,
    plain_only: bool,
) -> None:
    """Fill `into` with the value of the preferred row for each diagnosis, age band and sex."""
    codes = np.array(diagnoses().code, dtype="U7")
    cut = {length: codes.astype(f"U{length}") for length in range(3, 8)}
    age_last = np.append(age_from[1:] - 1, 200)
    order = sorted(range(len(rows)), key=lambda index: _preference(rows[index]), reverse=True)
    for index in order:
        row = rows[index]
        if plain_only and (row.procedure is not None or row.paired_icd10 is not None):
            continue
        within = cut[len(row.icd10_from)] >= row.icd10_from
        within &= cut[len(row.icd10_to)] <= row.icd10_to
        bands = age_from >= (row.age_from or 0)
        if row.age_to is not None:
            bands &= age_last <= row.age_to
        sexes = [0, 1] if row.sex is None else [0 if row.sex == "m" else 1]
        reach = into[cares[row.care_type]]
        for sex in sexes:
            reach[within[:, None] & bands[None, :], sex] = value[index]


@cache
def _paired(prefix: str | None) -> list[int]:
    """PAIRS diagnoses that begin with the prefix, over again if there are fewer."""
    found = [
        index for index, code in enumerate(diagnoses().code) if prefix is not None and code.startswith(prefix)
    ]
    return [found[place % len(found)] if found else NONE for place in range(PAIRS)]


def _prices(book: TariffBook, day: int, cares: dict[str, int], groups: dict[str, int]) -> I64:
    """Base rate × weight, or the fixed total, for each care type, level, ownership and group."""
    base = np.full((len(cares), LEVELS, len(OWNERSHIPS)), NO_AMOUNT, dtype=np.int64)
    rates = [row for row in book.base_rates if in_force(row, day)]
    for row in sorted(rates, key=lambda rate: (rate.level is not None, rate.ownership is not None)):
        level = slice(None) if row.level is None else slice(row.level - 1, row.level)
        own = slice(None) if row.ownership is None else [OWNERSHIPS.index(row.ownership)]
        base[cares[row.care_type], level, own] = row.base_mnt
    price = np.full((*base.shape, max(len(groups), 1)), NO_AMOUNT, dtype=np.int64)
    for row in book.drgs:
        if not in_force(row, day):
            continue
        care, group = cares[row.care_type], groups[row.drg_code]
        if row.total_mnt is not None:
            price[care, :, :, group] = row.total_mnt
        elif row.weight_e4 is not None:
            known = base[care] != NO_AMOUNT
            weighed = (2 * np.where(known, base[care], 0) * row.weight_e4 + 10_000) // 20_000
            price[care, :, :, group] = np.where(known, weighed, NO_AMOUNT)
    return price

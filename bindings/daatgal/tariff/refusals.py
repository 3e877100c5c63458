"""What the rows of a book must not say of each other.

In: a book whose every row is right by itself. Out: problems, for overlaps and gaps within a key's life, names
that the book does not have, groups without a price, and rules that are on without what they need.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from daatgal.tariff import rule_parameters
from daatgal.tariff.cells import shown_day
from daatgal.tariff.periods import Period, breaks, of, overlap, uncovered
from daatgal.tariff.rows import ANY
from daatgal.tariff.tables import BASE_RATES, CARE_TYPES, DRG_MAP, EXEMPTIONS, ITEMS, RULES, TABLES, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.problems import Problems

MOST_CARE_TYPES: Final = 63
MOST_DRGS: Final = 2**20 - 1


def refuse_contradictions(book: TariffBook, problems: Problems) -> None:
    """Note every contradiction between the rows of `book`."""
    for field, table in TABLES.items():
        _refuse_breaks(table, getattr(book, field), problems)
        _refuse_unknown_care_types(book, table, getattr(book, field), problems)
    _refuse_too_many(book, problems)
    _refuse_changing_stays(book, problems)
    _refuse_star_items(book, problems)
    _refuse_unpriced_groups(book, problems)
    _refuse_lacking_parameters(book, problems)


def _refuse_breaks(table: Table, rows: Iterable[Any], problems: Problems) -> None:
    lives: defaultdict[tuple[object, ...], list[Any]] = defaultdict(list)
    for row in rows:
        lives[tuple(getattr(row, column) for column in table.key)].append(row)
    for key, life in lives.items():
        name = ", ".join(ANY if value is None else str(value) for value in key)
        for before, after in breaks(life):
            end = f"line {before.line}, which ends at {shown_day(before.valid_to_day)}"
            if after.valid_from_day <= before.valid_to_day:
                what = "two values for one parameter" if table is RULES else "overlapping periods"
                found = f"{what}: {name} begins at {shown_day(after.valid_from_day)} and overlaps {end}"
            else:
                found = f"a gap: {name} begins at {shown_day(after.valid_from_day)}, not the day after {end}"
            expected = f"the periods of one key ({', '.join(table.key)}) to follow each other day on day"
            problems.add(table.file, after.line, found, expected)


def _refuse_unknown_care_types(
    book: TariffBook, table: Table, rows: Iterable[Any], problems: Problems
) -> None:
    known = set(book.care_type_names)
    for row in rows:
        if table is CARE_TYPES:
            named = row.bundled_in
        elif table is RULES:
            parameter = rule_parameters.find(row.rule, row.parameter)
            named = row.value if parameter is not None and parameter.care_types else ()
        else:
            named = (row.care_type,) if table is not EXEMPTIONS else ()
        for name in named:
            if name not in known:
                expected = f"one of {CARE_TYPES.file}: " + ", ".join(book.care_type_names)
                problems.add(table.file, row.line, f"the unknown care type {name!r}", expected)


def _refuse_too_many(book: TariffBook, problems: Problems) -> None:
    if not book.care_types:
        problems.add(CARE_TYPES.file, None, "no care type", "at least one")
    for found, most, file in (
        (len(book.care_type_names), MOST_CARE_TYPES, CARE_TYPES.file),
        (len(book.drg_codes), MOST_DRGS, TABLES["drgs"].file),
    ):
        if found > most:
            problems.add(file, None, f"{found} different ones", f"at most {most}")


def _refuse_changing_stays(book: TariffBook, problems: Problems) -> None:
    first: dict[str, Any] = {}
    for row in book.care_types:
        known = first.setdefault(row.care_type, row)
        if row.stay != known.stay:
            found = f"stay = {str(row.stay).lower()} for {row.care_type}, otherwise than in line {known.line}"
            problems.add(
                CARE_TYPES.file, row.line, found, "a care type to be a stay for its whole life, or never"
            )


def _refuse_star_items(book: TariffBook, problems: Problems) -> None:
    for item in book.items:
        if item.service_code != ANY:
            continue
        for row in book.care_types:
            if row.care_type == item.care_type and row.priced_by != "item" and overlap(of(row), of(item)):
                where = f"{CARE_TYPES.file} line {row.line}"
                found = f"* for {item.care_type}, which {where} prices by {row.priced_by}"
                problems.add(ITEMS.file, item.line, found, "* only for a care type that is priced by item")


def _refuse_unpriced_groups(book: TariffBook, problems: Problems) -> None:
    """A mapped group has a price on every day on which a claim can be mapped to it.

    That is a drgs row; and where it gives a weight, some base rate of the care type: a level or ownership may
    be without one, and its claims are denied, but a weight that nobody is paid by is no price.
    """
    by_drg = _periods_where(book.care_types, lambda row: row.care_type, lambda row: row.priced_by == "drg")
    priced = _periods_where(book.drgs, lambda row: (row.care_type, row.drg_code), lambda _row: True)
    weighted = _periods_where(
        book.drgs, lambda row: (row.care_type, row.drg_code), lambda row: row.weight_e4 is not None
    )
    bases = _periods_where(book.base_rates, lambda row: row.care_type, lambda _row: True)
    for row in book.drg_map:
        key = (row.care_type, row.drg_code)
        if key not in priced:
            found = f"the group {row.drg_code!r} of {row.care_type}, which has no price"
            problems.add(DRG_MAP.file, row.line, found, f"a row for both in {TABLES['drgs'].file}")
            continue
        mapped = [days for period in by_drg[row.care_type] if (days := overlap(of(row), period))]
        bare = uncovered(mapped, priced[key])
        if bare:
            found = f"the group {row.drg_code!r} of {row.care_type} without a price {_days(bare[0])}"
            problems.add(
                DRG_MAP.file, row.line, found, f"a row in {TABLES['drgs'].file} for every day it is mapped"
            )
        by_weight = [days for one in mapped for other in weighted[key] if (days := overlap(one, other))]
        bare = uncovered(by_weight, bases[row.care_type])
        if bare:
            group = f"the group {row.drg_code!r} of {row.care_type}"
            found = f"{group} with a weight, but without a base rate {_days(bare[0])}"
            problems.add(
                DRG_MAP.file, row.line, found, f"a row in {BASE_RATES.file} for every day it is mapped"
            )


def _periods_where(rows: Iterable[Any], key: Any, where: Any) -> defaultdict[Any, list[Period]]:
    periods: defaultdict[Any, list[Period]] = defaultdict(list)
    for row in rows:
        if where(row):
            periods[key(row)].append(of(row))
    return periods


def _refuse_lacking_parameters(book: TariffBook, problems: Problems) -> None:
    given: defaultdict[tuple[str, str], list[Period]] = defaultdict(list)
    for row in book.rules:
        given[row.rule, row.parameter].append(of(row))
    for row in book.rules:
        if row.parameter != rule_parameters.ENABLED or row.value is not True:
            continue
        for name, parameter in rule_parameters.RULES[row.rule].items():
            bare = [] if parameter.may_be_absent else uncovered([of(row)], given[row.rule, name])
            if bare:
                found = f"{row.rule} enabled without its parameter {name!r} {_days(bare[0])}"
                problems.add(RULES.file, row.line, found, f"a row for {name!r} on every day the rule is on")


def _days(period: Period) -> str:
    return f"from {shown_day(period.first)} to {shown_day(period.last)}"

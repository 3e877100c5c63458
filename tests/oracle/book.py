"""A tariff-book folder in, its rows by table out: every question about a row is asked for a day.

Nothing is refused here, and nothing is compiled: a row is a dict of strings, a blank cell is None.
"""

import csv
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.oracle.codes import normalised

Row = dict[str, object]


def in_force(row: Row, day: date, first: str = "valid_from", last: str = "valid_to") -> bool:
    """Both ends belong to the period; an empty end is open."""
    return (row[first] is None or row[first] <= day) and (row[last] is None or day <= row[last])


def split(cell: str | None) -> list[str]:
    """A cell that holds several values, separated by `|`."""
    return [part.strip() for part in cell.split("|") if part.strip()] if cell else []


def is_true(cell: str | None) -> bool:
    """`true` or `false`, in any case; an empty cell is false."""
    word = (cell or "false").lower()
    if word not in {"true", "false"}:
        raise ValueError(f"expected true or false, found {cell!r}")
    return word == "true"


def number(cell: str | None) -> int | None:
    return None if cell is None else int(cell)


@dataclass(frozen=True)
class Book:
    name: str
    timezone: str
    care_types: dict[str, list[Row]]
    base_rates: dict[str, list[Row]]
    drgs: dict[tuple[str, str], list[Row]]
    drg_map: dict[str, list[Row]]
    items: dict[str, list[Row]]
    copay: dict[str, list[Row]]
    exemptions: list[Row]
    eligibility: list[Row]
    rules: dict[tuple[str, str], list[Row]]

    def care_type(self, care_type: str, day: date) -> Row | None:
        return next((row for row in self.care_types.get(care_type, []) if in_force(row, day)), None)

    def is_stay(self, care_type: str) -> bool:
        """Whether a care type is a chain of wards: the same for its whole life."""
        return is_true(self.care_types[care_type][0]["stay"])

    def parameter(self, rule: str, parameter: str, day: date) -> str | None:
        return next(
            (row["value"] for row in self.rules.get((rule, parameter), []) if in_force(row, day)), None
        )

    def on(self, rule: str, day: date) -> bool:
        """A rule is on if its `enabled` is true on the day; no row: off."""
        return is_true(self.parameter(rule, "enabled", day))

    def amount(self, rule: str, parameter: str, day: date) -> int:
        """A parameter that is one whole number, and that must be there where its rule is on."""
        value = self.parameter(rule, parameter, day)
        if value is None:
            raise ValueError(f"{self.name}: rule {rule} is on at {day} and has no {parameter}")
        return int(value)

    def codes(self, rule: str, parameter: str, day: date) -> list[str]:
        """A parameter that is a list; empty or absent: none."""
        return split(self.parameter(rule, parameter, day))


def _rows(folder: Path, table: str) -> list[Row]:
    """The rows of one CSV table, blank cells as None, dates as dates; a table without a file has no rows."""
    path = folder / f"{table}.csv"
    if not path.exists():
        return []
    rows = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for cells in csv.DictReader(file):
            row = {name: (value or "").strip() or None for name, value in cells.items()}
            for name in ("valid_from", "valid_to"):
                row[name] = date.fromisoformat(row[name]) if row[name] else None
            for name in ("icd10_from", "icd10_to", "procedure", "paired_icd10"):
                if row.get(name):
                    row[name] = normalised(row[name])
            rows.append(row)
    return rows


def _by(rows: list[Row], *columns: str) -> dict:
    groups = defaultdict(list)
    for row in rows:
        key = tuple(row[column] for column in columns)
        groups[key if len(columns) > 1 else key[0]].append(row)
    return dict(groups)


def read_book(folder: Path) -> Book:
    """Read a tariff-book folder without judging it."""
    toml = tomllib.loads((folder / "tariff.toml").read_text(encoding="utf-8"))
    return Book(
        name=toml["name"],
        timezone=toml.get("timezone", "Asia/Ulaanbaatar"),
        care_types=_by(_rows(folder, "care_types"), "care_type"),
        base_rates=_by(_rows(folder, "base_rates"), "care_type"),
        drgs=_by(_rows(folder, "drgs"), "care_type", "drg_code"),
        drg_map=_by(_rows(folder, "drg_map"), "care_type"),
        items=_by(_rows(folder, "items"), "care_type"),
        copay=_by(_rows(folder, "copay"), "care_type"),
        exemptions=_rows(folder, "exemptions"),
        eligibility=_rows(folder, "eligibility"),
        rules=_by(_rows(folder, "rules"), "rule", "parameter"),
    )

"""Writes drgs.csv and drg_map.csv of the demonstration book, the two tables that are too long to keep by hand.

In, all beside this file: `demo_groups.txt` (the synthetic disease groups, one ICD-10 block a line), the real
groups of `mn-2009`, and `demo_drgs.csv` with `demo_drg_map.csv` (groups of the other care types and groups with a
fixed price, in the book's own columns). Out: `mn-demo/drgs.csv` and `mn-demo/drg_map.csv`.

Together the lines of `demo_groups.txt`, their surgical and children's groups and the ten real groups are 308; they
serve inpatient care and day treatment alike (2019 procedure, clauses 3.2.2 and 3.4.5). A block reaches up to the one
before the next, so that every well-formed code finds a group. Run it as `python data_samples/tariffs/build_demo.py`.
"""

from __future__ import annotations

import csv
import io
import string
import sys
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
OPENING = "2008-01-01"
LAST_OF_FIRST_PERIOD, FIRST_OF_SECOND_PERIOD = "2018-06-30", "2018-07-01"
CARE_TYPES = ("inpatient", "day_treatment")
THIRD = string.digits + string.ascii_uppercase

PRIORITY_BLOCK, PRIORITY_REAL, PRIORITY_CHILD, PRIORITY_SURGERY = 0, 1, 5, 10
FIRST_PERIOD_SHARE = 95
"""Per cent of its later weight that a synthetic group weighs in the first period."""
SURGICAL_SHARE, CHILD_SHARE = 190, 85
"""Per cent of the block's weight."""
WEIGHT = "synthetic: weight made up for the demonstration"
MAPPING = "synthetic: group made up for the demonstration"
NEUROSURGERY, NEUROSURGICAL_PROCEDURES = "11101", ("01", "02", "03", "04", "05")

Row = dict[str, str]


class Block(NamedTuple):
    """A line of demo_groups.txt, with the category it ends at."""

    first: str
    last: str
    name_mn: str
    name_en: str
    weight_e4: int
    procedures: tuple[str, ...]
    has_child_group: bool


class Group(NamedTuple):
    """A synthetic group: its names and weight in the second period, and which claims of its block it takes."""

    block: Block
    name_mn: str
    name_en: str
    weight_e4: int
    priority: int
    procedures: tuple[str, ...] = ("",)
    ages: tuple[str, str] = ("", "")


def tables() -> dict[str, str]:
    """The text of both tables by file name."""
    drgs: list[Row] = []
    mapped: list[Row] = []
    number = count(1)
    for block in read_blocks():
        for group in _groups(block):
            code = f"{next(number):03d}"
            drgs += _weights(code, group)
            mapped += _conditions(code, group)
    for care_type in CARE_TYPES:
        drgs += _real_weights(care_type)
        mapped += _real_conditions(care_type)
    drgs += _read(HERE / "demo_drgs.csv")
    mapped += _read(HERE / "demo_drg_map.csv")
    return {"drgs.csv": _written(drgs), "drg_map.csv": _written(mapped)}


def read_blocks() -> list[Block]:
    """The blocks of demo_groups.txt; the last one of all ends with the last category there can be."""
    lines = (HERE / "demo_groups.txt").read_text("utf-8").splitlines()
    cells = [line.split("|") for line in lines if not line.startswith("#")]
    ends = [_category_before(after[0]) for _, after in pairwise(cells)] + ["Z9Z"]
    return [
        Block(
            first,
            last,
            name_mn,
            name_en,
            int(weight.replace(".", "")) * 100,
            _prefixes(procedures),
            child != "",
        )
        for (first, name_mn, name_en, weight, procedures, child), last in zip(cells, ends, strict=True)
    ]


def _category_before(category: str) -> str:
    """The three-character category before another: F9Z before G00, D4Z before D50, G3Z before G40."""
    letter, tens, third = category
    place = (ord(letter) * 10 + int(tens)) * 36 + THIRD.index(third) - 1
    return f"{chr(place // 360)}{place // 36 % 10}{THIRD[place % 36]}"


def _prefixes(text: str) -> tuple[str, ...]:
    """`45-47,54` is 45, 46, 47 and 54."""
    prefixes: list[str] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        prefixes += [f"{chapter:02d}" for chapter in range(int(first), int(last or first) + 1)]
    return tuple(prefixes)


def _groups(block: Block) -> Iterator[Group]:
    """The block's own group, and those of its operations and of its children where it has them."""
    yield Group(block, block.name_mn, block.name_en, block.weight_e4, PRIORITY_BLOCK)
    if block.procedures:
        names = f"{block.name_mn}, мэс засал", f"{block.name_en}, surgery"
        yield Group(
            block,
            *names,
            block.weight_e4 * SURGICAL_SHARE // 100,
            PRIORITY_SURGERY,
            procedures=block.procedures,
        )
    if block.has_child_group:
        names = f"{block.name_mn}, хүүхэд (0–17 нас)", f"{block.name_en}, child (0–17 years)"
        yield Group(block, *names, block.weight_e4 * CHILD_SHARE // 100, PRIORITY_CHILD, ages=("0", "17"))


def _weights(code: str, group: Group) -> Iterator[Row]:
    earlier_e4 = group.weight_e4 * FIRST_PERIOD_SHARE // 100
    for care_type in CARE_TYPES:
        named = {
            "drg_code": code,
            "care_type": care_type,
            "name_mn": group.name_mn,
            "name_en": group.name_en,
            "total_mnt": "",
        }
        yield named | _dated(OPENING, LAST_OF_FIRST_PERIOD, WEIGHT) | {"weight_e4": str(earlier_e4)}
        yield named | _dated(FIRST_OF_SECOND_PERIOD, "", WEIGHT) | {"weight_e4": str(group.weight_e4)}


def _conditions(code: str, group: Group) -> Iterator[Row]:
    for care_type in CARE_TYPES:
        for procedure in group.procedures:
            yield {
                "care_type": care_type,
                "icd10_from": group.block.first,
                "icd10_to": group.block.last,
                "procedure": procedure,
                "paired_icd10": "",
                "age_from": group.ages[0],
                "age_to": group.ages[1],
                "sex": "",
                "drg_code": code,
                "priority": str(group.priority),
                **_dated(OPENING, "", MAPPING),
            }


def _real_weights(care_type: str) -> Iterator[Row]:
    """The weights of 2009, for as long as the demonstration is in force."""
    for row in _read(HERE / "mn-2009" / "drgs.csv"):
        yield row | {"care_type": care_type} | _dated(OPENING, "", _source(row, care_type))


def _real_conditions(care_type: str) -> Iterator[Row]:
    """The groups of 2009; neurosurgery asks for a procedure here, which the public text does not give."""
    for row in _read(HERE / "mn-2009" / "drg_map.csv"):
        real = row | {"care_type": care_type}
        if row["drg_code"] == NEUROSURGERY:
            dated = _dated(
                OPENING, "", f"synthetic: {row['source']}, limited to operations on the nervous system"
            )
            for procedure in NEUROSURGICAL_PROCEDURES:
                yield real | {"procedure": procedure, "priority": str(PRIORITY_SURGERY)} | dated
        else:
            yield real | {"priority": str(PRIORITY_REAL)} | _dated(OPENING, "", _source(row, care_type))


def _source(row: Row, care_type: str) -> str:
    if care_type == row["care_type"]:
        return f"{row['source']}, in the demonstration from {OPENING}"
    return f"synthetic: {row['source']}, used for day treatment too"


def _dated(first: str, last: str, source: str) -> Row:
    return {"valid_from": first, "valid_to": last, "source": source}


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _written(rows: list[Row]) -> str:
    # The rows read from a file are the last: they have its columns in its order.
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[-1]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    for name, table in tables().items():
        (HERE / "mn-demo" / name).write_text(table, encoding="utf-8", newline="")
        sys.stdout.write(f"{name}: {table.count(chr(10)) - 1} rows\n")

"""What can be wrong with a row, one function each: every quarantine code, and what is only ignored.

Faults that look at other rows (shared ids, cycles) change those too.
"""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

_at = datetime.fromisoformat
Fault = Callable[[random.Random, list[dict], int], None]


def _setting(column: str, *values: object) -> Fault:
    def fault(rng: random.Random, rows: list[dict], position: int) -> None:
        rows[position][column] = rng.choice(values)

    return fault


def _ends_before_it_starts(rng: random.Random, rows: list[dict], position: int) -> None:
    row = rows[position]
    if row["start_at"] is not None:
        row["end_at"] = row["start_at"] - rng.choice((timedelta(seconds=1), timedelta(days=2)))


def _same_row_again(rng: random.Random, rows: list[dict], position: int) -> None:
    """An equal row; sometimes written otherwise, which decodes to the same."""
    again = dict(rows[position])
    if rng.random() < 0.5 and isinstance(again["icd10"], str):
        again["icd10"] = again["icd10"].lower() + " "
        again["quantity"] = {None: 1, 1: None}.get(again["quantity"], again["quantity"])
    rows.append(again)


def _same_id_on_another_row(rng: random.Random, rows: list[dict], position: int) -> None:
    other = dict(rng.choice(rows))
    other["claim_id"] = rows[position]["claim_id"]
    rows.append(other)


def _same_id_but_a_note(_rng: random.Random, rows: list[dict], position: int) -> None:
    """Equal in everything but an extra column."""
    rows.append(rows[position] | {"note": "another"})


def _cycle(rng: random.Random, rows: list[dict], position: int) -> None:
    """A few rows that aim at each other in a ring, and one that aims at the ring."""
    ring = rng.sample(rows, min(len(rows), rng.choice((1, 2, 3))))
    for row, following in zip(ring, [*ring[1:], ring[0]], strict=True):
        row["message"], row["replaces_claim_id"] = "replacement", following["claim_id"]
    if rows[position] not in ring:
        rows[position]["message"], rows[position]["replaces_claim_id"] = "cancellation", ring[0]["claim_id"]


FAULTS: tuple[Fault, ...] = (
    _setting("claim_id", None),
    _setting("insured_id", None),
    _setting("facility_id", None, "", "  "),
    _setting("care_type", None, "spa", "Inpatient", "telemedicine"),
    _setting("icd10", None, "12", "G4", "G40.12345", "ж40", "G4!", "."),
    _setting("start_at", None, _at("1989-12-31 23:59:59"), _at("2101-01-01"), _at("2020-05-05")),
    _setting("end_at", None, _at("2101-01-01"), _at("2100-12-31 23:59:59")),
    _setting("submitted_at", _at("1989-12-31"), _at("2101-01-01")),
    _setting("facility_id", "F99"),
    _setting("facility_id", "f1", "F1 "),
    _setting("quantity", -1),
    _setting("billed_mnt", -1, -(10**12)),
    _setting("message", "Replacement", "void"),
    _setting("message", "REPLACEMENT", "cancel"),
    _setting("sex", "M", "male"),
    _setting("test_result", "pos", "POSITIVE"),
    _setting("birth_date", date(2030, 1, 1), date(1989, 1, 1)),
    _setting("icd10_secondary", ["C7"], ["?", "C770"], ["", "C770"], [None]),
    _setting("procedures", ["1"], ["01.5.1.1"], ["abc", "015"], [" 01.5 "]),
    _ends_before_it_starts,
    _ends_before_it_starts,
    _same_row_again,
    _same_row_again,
    _same_id_on_another_row,
    _same_id_but_a_note,
    _cycle,
)

UNTYPED_FAULTS: tuple[Fault, ...] = (
    _setting("billed_mnt", "abc", "12.5", "1e3", "١٢"),
    _setting("quantity", "two", "1.5", "3000000000"),
    _setting("start_at", "yesterday", "2024-13-01", "2024-02-30"),
    _setting("birth_date", "29.02.2024"),
)
"""For columns that arrive as text: what cannot be read as the column's type."""

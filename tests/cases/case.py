"""A case: some claims, what is on, and what must come of it, worked out by hand from the text of the rules.

`check` runs a case through any implementation with the oracle's signature.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from tests.adversarial.folder import Tables
from tests.cases.book import Rules, write_case_book

Outcome = dict[str, object]


@dataclass(frozen=True)
class Case:
    name: str
    claims: list[dict]
    expected: dict[object, Outcome]
    """By claim_id, the ledger columns that the case is about."""
    rules: Rules = field(default_factory=dict)
    tables: Tables = field(default_factory=dict)
    facilities: list[dict] | None = None
    insured: list[dict] | None = None
    decisions: list[dict] | None = None
    quarantined: dict[int, list[str]] = field(default_factory=dict)
    """By row, the error codes."""
    either_way: bool = True
    """Whether the outcome is the same with the rows turned round: not where the first of equal rows stays."""


def at(written: str) -> datetime:
    """`2024-03-01` or `2024-03-01 10:30`."""
    return datetime.fromisoformat(written)


def claim(claim_id: object, care_type: str, start: str, end: str | None = None, **columns: object) -> dict:
    """A claim of person P at facility F for I10 (which no special row of the book names), ending as it starts."""
    row = {
        "claim_id": claim_id,
        "insured_id": "P",
        "facility_id": "F",
        "care_type": care_type,
        "icd10": "I10",
        "start_at": at(start),
        "end_at": at(end or start),
    }
    if isinstance(columns.get("submitted_at"), str):
        columns["submitted_at"] = at(columns["submitted_at"])
    return row | columns


def cancellation(claim_id: object, target: object, submitted: str | None = None, **columns: object) -> dict:
    """A message with no more than it needs, and when it was sent."""
    row = {"claim_id": claim_id, "message": "cancellation", "replaces_claim_id": target}
    return row | {"submitted_at": submitted and at(submitted)} | columns


def replacement(
    claim_id: object, target: object, care_type: str, start: str, end: str, **columns: object
) -> dict:
    return claim(claim_id, care_type, start, end, message="replacement", replaces_claim_id=target, **columns)


def facility(facility_id: str, level: int = 3, **columns: object) -> dict:
    row = {
        "facility_id": facility_id,
        "name": facility_id,
        "level": level,
        "ownership": "state",
        "facility_type": "15.1.1",
        "aimag": "Улаанбаатар",
        "contracted_care_types": None,
        "contract_from": None,
        "contract_to": None,
        "valid_from": date(2000, 1, 1),
        "valid_to": None,
    }
    return row | columns


def person(covered_from: str | None = "2000-01-01", covered_to: str | None = None, **columns: object) -> dict:
    row = {
        "insured_id": "P",
        "covered_from": covered_from and date.fromisoformat(covered_from),
        "covered_to": covered_to and date.fromisoformat(covered_to),
        "death_date": None,
        "sex": None,
        "birth_date": None,
        "exemption": None,
    }
    return row | columns


FACILITIES = [facility("F"), facility("G"), facility("L2", level=2), facility("L2B", level=2)]


def check(judge: Callable, case: Case, folder: Path) -> None:
    """Run a case as it stands and with its rows turned round, and compare what the case is about."""
    book = write_case_book(folder / "book", case.rules, case.tables)
    forwards = [(row, raw) for row, raw in enumerate(case.claims)]
    for numbered in (forwards, forwards[::-1]) if case.either_way else (forwards,):
        result = judge(
            [raw for _, raw in numbered],
            facilities=FACILITIES if case.facilities is None else case.facilities,
            book=book,
            insured=case.insured,
            decisions=case.decisions,
        )
        rows = [row for row, _ in numbered]
        quarantined = {rows[found["row"]]: found["error_codes"] for found in result.quarantine}
        assert quarantined == case.quarantined, case.name
        outcomes = {found["claim_id"]: found for found in result.ledger}
        assert set(case.expected) <= set(outcomes), case.name
        for claim_id, wanted in case.expected.items():
            found = {column: outcomes[claim_id][column] for column in wanted}
            assert found == wanted, f"{case.name}: claim {claim_id}"

"""The facilities, the insured and the book, asked for a day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from tests.oracle import values
from tests.oracle.book import Book, Row, in_force
from tests.oracle.claim import Claim

FACILITY_TEXTS = ("facility_id", "ownership", "facility_type")
FACILITY_DAYS = ("contract_from", "contract_to", "valid_from", "valid_to")
INSURED_DAYS = ("covered_from", "covered_to", "death_date", "birth_date")


@dataclass(frozen=True)
class Registers:
    book: Book
    facilities: dict[str, list[Row]]
    insured: dict[object, list[Row]] | None

    @property
    def facility_ids(self) -> set[str]:
        return set(self.facilities)

    def facility(self, facility_id: str, day: date) -> Row | None:
        return next((row for row in self.facilities[facility_id] if in_force(row, day)), None)

    def coverage(self, claim: Claim) -> Row | None:
        """The person's row in force on the claim's start day."""
        rows = (self.insured or {}).get(claim.insured_id, [])
        return next(
            (row for row in rows if in_force(row, claim.start_day, "covered_from", "covered_to")), None
        )

    def fill_from_insured(self, claim: Claim) -> None:
        """Sex, birth date and exemption where null: from the row in force on the start day, else the latest."""
        rows = (self.insured or {}).get(claim.insured_id, [])
        if not rows:
            return
        row = self.coverage(claim) or max(rows, key=lambda row: row["covered_from"] or date.min)
        if claim.sex is None:
            claim.sex = row["sex"] if row["sex"] in {"m", "f"} else None
        if (
            claim.birth_date is None
            and row["birth_date"] is not None
            and row["birth_date"] <= claim.start_day
        ):
            claim.birth_date = row["birth_date"]
        if claim.exemption is None:
            claim.exemption = row["exemption"]


def read_registers(book: Book, facilities: list[dict], insured: list[dict] | None) -> Registers:
    zone = ZoneInfo(book.timezone)
    by_facility = defaultdict(list)
    for raw in facilities:
        row = _row(raw, FACILITY_TEXTS, FACILITY_DAYS, zone)
        level = raw.get("level")
        row["level"] = None if values.absent(level) else str(level)
        contracted = raw.get("contracted_care_types")
        row["contracted_care_types"] = None if values.absent(contracted) else values.strings(contracted)
        by_facility[row["facility_id"]].append(row)
    by_person = None
    if insured is not None:
        by_person = defaultdict(list)
        for raw in insured:
            row = _row(raw, ("insured_id", "sex", "exemption"), INSURED_DAYS, zone)
            by_person[row["insured_id"]].append(row)
    return Registers(book, dict(by_facility), by_person)


def _row(raw: dict, texts: tuple[str, ...], days: tuple[str, ...], zone: ZoneInfo) -> Row:
    row = {}
    for column in texts:
        row[column] = None if values.absent(raw.get(column)) else raw[column]
    for column in days:
        row[column] = None if values.absent(raw.get(column)) else values.day(raw[column], zone)
    return row

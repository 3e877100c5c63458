"""What the definitions read of a state row: keys as texts, times as days."""

from datetime import date, datetime

from tests.oracle.codes import is_procedure, normalised

BANDS = (1, 5, 15, 25, 35, 45, 55, 65, 75)


def stands(row: dict) -> bool:
    return row["outcome_decision"] != "voided"


def day(at: datetime) -> int:
    return (at.date() - date(1970, 1, 1)).days


def category(row: dict) -> str:
    return normalised(row["icd10"])[:3]


def procedures(row: dict) -> list[str]:
    codes = {normalised(code) for code in row["procedures"] or [] if code is not None}
    return sorted(code for code in codes if is_procedure(code)) or ["none"]


def group(row: dict) -> tuple:
    if row["outcome_drg_code"] is not None:
        return row["care_type"], "drg", row["outcome_drg_code"]
    if row["service_code"] is not None:
        return row["care_type"], "service", row["service_code"]
    return row["care_type"], "other", ""


def family(row: dict) -> tuple | None:
    if row["outcome_drg_code"] is None:
        return None
    if row["specialty"] is not None:
        return row["care_type"], "specialty", row["specialty"]
    return row["care_type"], "letter", category(row)[0]


def is_test(row: dict) -> bool:
    return row["outcome_drg_code"] is None and row["service_code"] is not None


def age_band(row: dict) -> int | str:
    born, start = row["known_birth_date"], row["start_at"].date()
    if born is None:
        return "unknown"
    age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
    return sum(age >= band for band in BANDS)


def sex(row: dict) -> str:
    return row["known_sex"]


def place(row: dict, facilities: list[dict]) -> tuple:
    """Level and region on the day of the end."""
    end = row["end_at"].date()
    for period in facilities:
        begins, ends = period["valid_from"] or date.min, period["valid_to"] or date.max
        if period["facility_id"] == row["facility_id"] and begins <= end <= ends:
            return period["level"], period["aimag"] or ""
    return 0, ""


def minutes(row: dict) -> int:
    return int((row["end_at"] - row["start_at"]).total_seconds()) // 60


def at_midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second) == (0, 0, 0)


def has_times(row: dict) -> bool:
    return not (at_midnight(row["start_at"]) and row["end_at"] == row["start_at"])


def measure(row: dict, name: str) -> int | None:
    """A whole number, or None where it is not known."""
    gross, billed = row["outcome_gross_mnt"], row["billed_mnt"]
    if name == "price":
        return gross if gross > 0 else None
    if name == "billed":
        return billed if billed is not None and billed > 0 else None
    if name == "billed_to_tariff":
        known = gross > 0 and billed is not None and billed > 0
        return min(round(billed / gross * 10_000), 2**40) if known else None
    return minutes(row) if has_times(row) else None

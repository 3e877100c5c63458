"""Every feature of a claim, each as its line in the catalogue says."""

from datetime import date, timedelta
from math import log, sqrt

from tests.feature_oracle import claims as c
from tests.feature_oracle.statistics import History, ranked

NEVER = 730
HOLIDAYS = {(1, 1), (3, 8), (6, 1), (7, 11), (7, 12), (7, 13)}
LATER_HOLIDAYS = {(7, 14): 2004, (7, 15): 2004, (11, 26): 2004, (12, 29): 2007}


def features(row: dict, everyone: list[dict], history: History, book) -> dict[str, float]:
    """The features of a standing claim among all standing claims, its own included."""
    standing = [other for other in everyone if c.stands(other)]
    own = [other for other in standing if other["insured_id"] == row["insured_id"]]
    stays = {one.care_type for one in book.care_types if one.stay}
    return (
        _own(row, standing, history, book, stays)
        | _gaps(row, own, stays)
        | _windows(row, own, stays, history)
        | _days(row, standing, history)
        | _from_history(row, history)
    )


def _ratio(value: float | None, median: float | None) -> float:
    return 0.0 if value is None or median is None else log((1 + value) / (1 + median))


def _own(row: dict, standing: list[dict], history: History, book, stays: set[str]) -> dict[str, float]:
    stay, gross = row["care_type"] in stays, row["outcome_gross_mnt"]
    known = c.measure(row, "billed_to_tariff") is not None
    return {
        "price_to_peers": _ratio(c.measure(row, "price"), history.median(row, "price")),
        "billed_to_peers": _ratio(c.measure(row, "billed"), history.median(row, "billed")),
        "billed_to_tariff": log((1 + row["billed_mnt"]) / (1 + gross)) if known else 0.0,
        "stay_to_peers": _ratio(c.measure(row, "duration"), history.median(row, "duration")) if stay else 0.0,
        "visit_minutes": 15.0 if stay or not c.has_times(row) else min(c.minutes(row), 1440),
        "day_off": float(_day_off(row["start_at"].date())),
        "on_threshold": float(_on_threshold(row, standing, book, stays)),
    }


def _day_off(day: date) -> bool:
    key = day.month, day.day
    return day.weekday() >= 5 or key in HOLIDAYS or day.year >= LATER_HOLIDAYS.get(key, 9999)


def _parameter(book, rule: str, parameter: str, day: int) -> int | None:
    found = {
        row.parameter: row.value
        for row in book.rules
        if row.rule == rule and row.valid_from_day <= day <= row.valid_to_day
    }
    return found.get(parameter) if found.get("enabled") else None


def _on_threshold(row: dict, standing: list[dict], book, stays: set[str]) -> bool:
    start, end = row["start_at"], row["end_at"]
    if row["care_type"] in stays:
        hours = _parameter(book, "MINIMUM_STAY", "hours", c.day(end))
        if hours is None or (c.at_midnight(start) and c.at_midnight(end)):
            return False
        return timedelta(hours=hours) <= end - start <= timedelta(hours=hours + 1)
    case = [other for other in standing if other["outcome_case_id"] == row["outcome_case_id"]]
    if row["care_type"] in {"rehabilitation", "traditional"}:
        short = [
            other
            for other in case
            if other["care_type"] in {"rehabilitation", "traditional"}
            and other["end_at"] - other["start_at"] <= timedelta(days=1)
        ]
        sessions = _parameter(book, "REHAB_SESSIONS", "sessions", c.day(start))
        total = sum(1 if other["quantity"] is None else other["quantity"] for other in short)
        return row in short and sessions is not None and total == sessions
    if row["care_type"] == "diagnostics":
        cap = _parameter(book, "DIAGNOSTICS_CAP", "month_mnt", c.day(start))
        total = sum(other["outcome_gross_mnt"] for other in case if other["care_type"] == "diagnostics")
        return cap is not None and total <= cap and (cap - total) * 50 < cap
    return False


def _gap(row: dict, others: list[dict]) -> float:
    days = [
        c.day(row["start_at"]) - c.day(other["start_at"])
        for other in others
        if other is not row and other["start_at"] <= row["start_at"]
    ]
    return min([NEVER, *days])


def _gaps(row: dict, own: list[dict], stays: set[str]) -> dict[str, float]:
    readmitted = row["care_type"] in stays and any(
        other["end_at"] <= row["start_at"]
        and c.day(row["start_at"]) - c.day(other["end_at"]) <= 30
        and other["outcome_case_id"] != row["outcome_case_id"]
        for other in own
        if other["care_type"] in stays
    )
    return {
        "days_since_previous": _gap(row, own),
        "days_since_same_group": _gap(row, [other for other in own if c.group(other) == c.group(row)]),
        "readmission_30d": float(readmitted),
    }


def _counts(own: list[dict], stays: set[str]) -> dict[str, float]:
    return {
        "claims": len(own),
        "facilities": len({other["facility_id"] for other in own}),
        "tests": sum(c.is_test(other) for other in own),
        "inpatient_days": sum(
            max(c.day(other["end_at"]) - c.day(other["start_at"]), 1)
            for other in own
            if other["care_type"] in stays
        ),
    }


def _windows(row: dict, own: list[dict], stays: set[str], history: History) -> dict[str, float]:
    today = c.day(row["start_at"])

    def within(days: int) -> dict[str, float]:
        return _counts([other for other in own if today - days < c.day(other["start_at"]) <= today], stays)

    same_day = within(1)
    here = [other for other in own if c.day(other["start_at"]) == today]
    found: dict[str, float] = {
        "facilities_same_day": same_day["facilities"],
        "tests_same_day": same_day["tests"],
        "visits_same_day": sum(
            other["facility_id"] == row["facility_id"] and not c.is_test(other) for other in here
        ),
    }
    first = history.first_day()
    reach = 365 if first is None else today - first + 1
    for what, on_the_day in same_day.items():
        for days in (30, 90, 365):
            found[f"{what}_{days}d"] = (within(days)[what] - on_the_day) * days / min(max(reach, 30), days)
    return found


def _days(row: dict, standing: list[dict], history: History) -> dict[str, float]:
    beside = [
        other
        for other in standing
        if other["facility_id"] == row["facility_id"] and c.day(other["start_at"]) == c.day(row["start_at"])
    ]

    def counted(among: list[dict]) -> int:
        return 1 + sum(other["insured_id"] != row["insured_id"] for other in among)

    cabinet = [other for other in beside if other["department_id"] == row["department_id"] is not None]
    doctor = [other for other in beside if other["practitioner_id"] == row["practitioner_id"] is not None]
    return {
        "cabinet_claims_same_day": max(counted(cabinet), counted(doctor)),
        "facility_day_to_history": _deviations(
            counted(beside), list(history.days_of(row["facility_id"]).values())
        ),
    }


def _deviations(claims: int, days: list[int]) -> float:
    if not days:
        return 0.0
    now, usual, busy = (2 * sqrt(n + 3 / 8) for n in (claims, ranked(days, 0.5), ranked(days, 0.95)))
    return (now - usual) / max(1, (busy - usual) / 1.645)


def _from_history(row: dict, history: History) -> dict[str, float]:
    days = history.days_of(row["facility_id"])
    month = row["start_at"].year, row["start_at"].month
    in_month = [
        count
        for day, count in days.items()
        if ((one := date(1970, 1, 1) + timedelta(days=day)).year, one.month) == month
    ]
    growth = log((1 + ranked(in_month, 0.5)) / (1 + ranked(list(days.values()), 0.5))) if in_month else 0.0
    category = c.category(row)
    return {
        "facility_month_to_history": growth,
        "high_weight_share": history.high_weight(row),
        "facility_deductions": history.deducted(row["facility_id"]),
        "rarity_diagnosis_procedure": max(
            history.rarity(category, code, c.category, c.procedures) for code in c.procedures(row)
        ),
        "rarity_diagnosis_age_sex": sum(
            history.rarity(category, part(row), c.category, lambda other, of=part: [of(other)])
            for part in (c.age_band, c.sex)
        ),
        "rarity_group_facility": history.rarity(
            row["facility_id"],
            c.group(row),
            lambda other: other["facility_id"],
            lambda other: [c.group(other)],
        ),
    }

"""Small groups of rows that bring one rule to its edge: sums that are exactly met, stays that just touch.

A scene takes a plain row (person, facility and the like) and a day, and gives that row's variations.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta

from tests.adversarial import pools

Scene = Callable[[random.Random, dict, date], list[dict]]
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def _visit(row: dict, care_type: str, day: date, **columns: object) -> dict:
    start_at = pools.midnight(day)
    visit = row | {"care_type": care_type, "start_at": start_at, "end_at": start_at, "service_code": None}
    return visit | columns


def inside_a_stay(rng: random.Random, row: dict, day: date) -> list[dict]:
    """Services before, on the first day of, in, on the last day of, and after a stay or a day treatment."""
    container = rng.choice(
        ("inpatient", "inpatient", "palliative", "hospice", "day_treatment", "chemotherapy_day")
    )
    begins, ends = pools.midnight(day), pools.midnight(day + timedelta(days=5))
    if rng.random() < 0.5:
        begins, ends = begins + 8 * HOUR, ends + 10 * HOUR
    service_code = "CHEMO" if container == "chemotherapy_day" else None
    rows = [
        _visit(row, container, day, start_at=begins, end_at=ends, icd10="C509", service_code=service_code)
    ]
    starts = (
        begins - 24 * HOUR,
        begins - SECOND,
        begins,
        begins + 24 * HOUR,
        ends - SECOND,
        ends,
        ends + 24 * HOUR,
    )
    for start_at in rng.sample(starts, 3):
        care_type = rng.choice(
            (
                "outpatient",
                "diagnostics",
                "day_treatment",
                "traditional",
                "rehabilitation",
                "palliative",
                "hospice",
            )
        )
        length = rng.choice((timedelta(0), HOUR, 24 * HOUR, 25 * HOUR))
        code = rng.choice(("HCV", "BLOOD", None)) if care_type == "diagnostics" else None
        rows.append(
            _visit(row, care_type, day, start_at=start_at, end_at=start_at + length, service_code=code)
        )
    return rows


def wards(rng: random.Random, row: dict, day: date) -> list[dict]:
    """A chain whose gaps are just at, or just over, what is allowed."""
    care_type = rng.choice(pools.STAYS)
    start_at = pools.midnight(day) + rng.choice((0, 8)) * HOUR
    rows = []
    for _ in range(rng.choice((2, 3))):
        end_at = start_at + rng.choice((HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR))
        rows.append(_visit(row, care_type, day, start_at=start_at, end_at=end_at, icd10="C509"))
        gap = rng.choice(
            (-HOUR, timedelta(0), SECOND, 12 * HOUR, 12 * HOUR + SECOND, 24 * HOUR, 24 * HOUR + SECOND)
        )
        start_at = end_at + gap
    return rows


def two_houses(rng: random.Random, row: dict, day: date) -> list[dict]:
    """Stays in two facilities that overlap or only touch."""
    start_at = pools.midnight(day)
    first = _visit(row, "inpatient", day, start_at=start_at, end_at=start_at + 72 * HOUR)
    begins = rng.choice((first["end_at"], first["end_at"] - SECOND, start_at, start_at + 24 * HOUR))
    other = rng.choice(("F1", "F2", "F4"))
    return [
        first,
        _visit(first, "inpatient", day, facility_id=other, start_at=begins, end_at=begins + 48 * HOUR),
    ]


def sessions(rng: random.Random, row: dict, day: date) -> list[dict]:
    """A month's sessions: too few, exactly enough, more."""
    quantities = rng.choice(((3, 4), (3, 3), (7,), (6,), (2, 2, 3), (2, 3), (1, 3), (5, None, 1), (0, 7)))
    rows = []
    for quantity in quantities:
        care_type = rng.choice(("rehabilitation", "rehabilitation", "traditional"))
        visit = _visit(row, care_type, day.replace(day=rng.randrange(1, 29)), quantity=quantity)
        visit["end_at"] += rng.choice((timedelta(0), HOUR, 24 * HOUR, 24 * HOUR + SECOND))
        rows.append(visit)
    return rows


def cabinets(rng: random.Random, row: dict, day: date) -> list[dict]:
    """One diagnosis seen in several cabinets of a month."""
    icd10 = rng.choice(("I10", "J12", "G401"))
    rows = []
    for _ in range(rng.choice((2, 3, 4))):
        visit = _visit(row, "outpatient", day + timedelta(days=rng.choice((0, 0, 1, 3))), specialty="s1")
        visit |= {"department_id": rng.choice(("w1", "w2", None)), "icd10": icd10}
        visit["end_at"] += rng.choice((timedelta(0), 10 * HOUR / 60, 5 * HOUR / 60))
        rows.append(visit)
    return rows


def a_quarter_of_tests(rng: random.Random, row: dict, day: date) -> list[dict]:
    """Sums that meet the caps exactly, or miss them by one test."""
    first_month = (day.month - 1) // 3 * 3 + 1
    rows = []
    for month in rng.sample(range(first_month, first_month + 3), rng.choice((1, 2, 3))):
        for code, quantity in rng.choice(
            (
                (("BLOOD", 2),),
                (("HBV", 4),),
                (("HBV", 2), ("HCV", 1)),
                (("HBV", 9),),
                (("BLOOD", 3), ("HBV", 0)),
            )
        ):
            visit = _visit(
                row, "diagnostics", date(day.year, month, rng.choice((1, 14, 15, 28))), service_code=code
            )
            rows.append(visit | {"quantity": quantity, "test_result": None, "submitted_at": None})
    return rows


def positives(rng: random.Random, row: dict, day: date) -> list[dict]:
    """Tests around a positive one, also at the same instant and in another facility."""
    rows = []
    for result in rng.sample(("positive", "negative", None, "positive"), 3):
        visit = _visit(
            row, "diagnostics", day + timedelta(days=rng.choice((0, 0, 1, 40))), service_code="HCV"
        )
        visit |= {"test_result": result, "facility_id": rng.choice((row["facility_id"], "F1", "F6"))}
        rows.append(visit)
    return rows


def the_same_test(rng: random.Random, row: dict, day: date) -> list[dict]:
    """One test in a month in facilities of one level or two."""
    care_type, code = rng.choice((("high_cost_diagnostics", "CT"), ("diagnostics", "BLOOD")))
    sites = rng.choice(((None,), (None,), ("left", None)))
    houses = rng.choice((("F2", "F3", "F2"), ("F3", "F2", "F4"), ("F1", "F2", "F1"), ("F4", "F1", "F2")))
    return [
        _visit(row, care_type, day, service_code=code, facility_id=house, site=rng.choice(sites), quantity=n)
        for n, house in enumerate(houses)
    ]


def visits_of_a_year(rng: random.Random, row: dict, day: date) -> list[dict]:
    """More visits than there are rates, over a year's end."""
    return [
        _visit(row, "outpatient", day + timedelta(days=7 * week), icd10=icd10, department_id="w1")
        for week, icd10 in enumerate(("I10", "J12", "O80", "G401", "K35X"))
    ]


def cancer_days(rng: random.Random, row: dict, day: date) -> list[dict]:
    """Day services with and without a C code anywhere, and a sanatorium twice."""
    return [
        _visit(row, "chemotherapy_day", day, icd10="D509", service_code="CHEMO"),
        _visit(row, "radiotherapy_day", day, icd10="D509", icd10_secondary=rng.choice((None, ["C770"]))),
        _visit(row, "sanatorium", day),
        _visit(row, "sanatorium", day + timedelta(days=rng.choice((1, 20, 366)))),
    ]


SCENES: tuple[Scene, ...] = (
    inside_a_stay,
    inside_a_stay,
    wards,
    two_houses,
    sessions,
    cabinets,
    a_quarter_of_tests,
    positives,
    the_same_test,
    the_same_test,
    visits_of_a_year,
    cancer_days,
)

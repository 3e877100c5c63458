"""Phases 11 and 13: the sessions of a month, the tests of a quarter."""

from tests.cases.case import Case, claim
from tests.cases.outcomes import denied, merged, paid, reduced

SESSIONS = {"REHAB_SESSIONS": {"sessions": 7}}
FEW = denied("TOO_FEW_SESSIONS", related_claim_id=None)


def _rehab(
    claim_id: str, start: str, quantity: int | None = 1, end: str | None = None, **columns: object
) -> dict:
    return claim(claim_id, "rehabilitation", start, end, quantity=quantity, **columns)


def _into(paid_id: str, case_id: str) -> dict:
    return merged("REHAB_SESSIONS", related_claim_id=paid_id, case_id=case_id)


REHAB = [
    Case("sessions: one claim with exactly seven", [_rehab("A", "2024-03-05", 7)], {"A": paid(35_000)}, SESSIONS),
    Case("sessions: one claim with six", [_rehab("A", "2024-03-05", 6)], {"A": FEW | {"case_id": "A"}}, SESSIONS),
    Case("sessions: no quantity is one", [_rehab("A", "2024-03-05", 6), _rehab("B", "2024-03-06", None)],
         {"A": paid(30_000), "B": _into("A", "A")}, SESSIONS),
    Case("sessions: a quantity of none counts none", [_rehab("A", "2024-03-05", 6), _rehab("B", "2024-03-06", 0)],
         {"A": FEW, "B": FEW | {"case_id": "A"}}, SESSIONS),
    Case("sessions: five asked", [_rehab("A", "2024-03-05", 5)], {"A": paid(25_000)},
         {"REHAB_SESSIONS": {"sessions": 5}}),
    Case("sessions: by calendar months", [_rehab("A", "2024-03-31 23:00", 4), _rehab("B", "2024-04-01", 3)],
         {"A": FEW | {"case_id": "A"}, "B": FEW | {"case_id": "B"}}, SESSIONS),
    Case("sessions: by facility", [_rehab("A", "2024-03-05", 4), _rehab("B", "2024-03-06", 3, facility_id="G")],
         {"A": FEW, "B": FEW}, SESSIONS),
    Case("sessions: by person", [_rehab("A", "2024-03-05", 4), _rehab("B", "2024-03-06", 3, insured_id="Q")],
         {"A": FEW, "B": FEW}, SESSIONS),
    Case("sessions: exactly 24 hours belong to the month, longer ones are cases of their own",
         [_rehab("A", "2024-03-05 10:00", 4, "2024-03-06 10:00"),
          _rehab("B", "2024-03-07 10:00", 3, "2024-03-08 10:00:01"),
          _rehab("C", "2024-03-09", 3)],
         {"A": paid(20_000), "B": paid(15_000, case_id="B"), "C": _into("A", "A")}, SESSIONS),
    Case("sessions: off", [_rehab("A", "2024-03-05", 1)], {"A": paid(5_000)},
         {"REHAB_SESSIONS": {"enabled": False, "sessions": 7}}),
    Case("sessions: off for the later, which is not counted",
         [_rehab("A", "2024-03-05", 6), _rehab("B", "2024-03-15", 1)],
         {"A": FEW, "B": paid(5_000)},
         {"REHAB_SESSIONS": {"enabled": [("2008-01-01", "2024-03-14", True), ("2024-03-15", None, False)],
                             "sessions": 7}}),
    Case("sessions: how many, by the first claim by order",
         [_rehab("A", "2024-03-05", 3, submitted_at="2024-03-20"),
          _rehab("B", "2024-03-15", 2, submitted_at="2024-03-16")],
         {"A": _into("B", "B"), "B": paid(10_000, case_id="B")},
         {"REHAB_SESSIONS": {"sessions": [("2008-01-01", "2024-03-14", 7), ("2024-03-15", None, 5)]}}),
    Case("sessions: only traditional ones are paid at the first",
         [claim("A", "traditional", "2024-03-05", quantity=4), claim("B", "traditional", "2024-03-06", quantity=4)],
         {"A": paid(32_000), "B": _into("A", "A")}, SESSIONS),
    Case("sessions: what was bundled before does not count",
         [claim("S", "inpatient", "2024-03-01", "2024-03-04"), _rehab("A", "2024-03-02", 4),
          _rehab("B", "2024-03-06", 3)],
         {"A": denied("BUNDLED_IN_STAY", related_claim_id="S", case_id="A"), "B": FEW | {"case_id": "B"}},
         SESSIONS | {"BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": ""}}),
]  # fmt: skip

CAPS = {"month_mnt": 55_000, "quarter_mnt": 165_000}
MID_MARCH = (("2008-01-01", "2024-03-14"), ("2024-03-15", None))


def _test(claim_id: str, day: str, mnt: int, **columns: object) -> dict:
    """A test at what it is billed."""
    return claim(
        claim_id, "diagnostics", day, billed_mnt=mnt, service_code=f"as billed {claim_id}", **columns
    )


def _caps(
    name: str, tests: list[tuple[str, str, int, int]], rules: dict | None = None, **columns: object
) -> Case:
    """Tests as (id, day, billed, allowed)."""
    expected = {}
    for claim_id, _, mnt, allowed in tests:
        over = reduced("OVER_CAP", allowed, mnt - allowed, gross_mnt=mnt)
        expected[claim_id] = paid(mnt, fund_mnt=mnt) if allowed == mnt else over
    rows = [_test(claim_id, day, mnt, **columns) for claim_id, day, mnt, _ in tests]
    return Case(f"cap: {name}", rows, expected, rules={"DIAGNOSTICS_CAP": CAPS | (rules or {})})


DIAGNOSTICS = [
    _caps("exactly the month's, twice: the extension is kept for the third month",
          [("A", "2024-01-05", 55_000, 55_000), ("B", "2024-02-05", 55_000, 55_000),
           ("C", "2024-03-05", 55_001, 55_000)]),
    _caps("the extension up to exactly the quarter's", [("A", "2024-01-05", 165_000, 165_000)]),
    _caps("over the quarter's", [("A", "2024-01-05", 165_001, 165_000), ("B", "2024-02-05", 1, 0)]),
    _caps("the extension is used once", [
        ("A", "2024-01-05", 60_000, 60_000), ("B", "2024-02-05", 60_000, 55_000), ("C", "2024-03-05", 60_000, 50_000)]),
    _caps("a new quarter", [
        ("A", "2024-03-31 23:59", 165_000, 165_000), ("B", "2024-04-01", 60_000, 60_000),
        ("C", "2024-05-01", 60_000, 55_000)]),
    _caps("a new year", [("A", "2023-12-31", 165_000, 165_000), ("B", "2024-01-01", 60_000, 60_000)]),
    _caps("lines are filled by order", [
        ("A", "2024-01-05", 100_000, 100_000), ("B", "2024-01-06", 60_000, 60_000), ("C", "2024-01-07", 30_000, 5_000),
        ("D", "2024-01-08", 1, 0)]),
    _caps("a line of nothing is not reduced", [
        ("A", "2024-01-05", 165_000, 165_000), ("B", "2024-01-06", 7, 0), ("C", "2024-01-07", 0, 0)]),
    _caps("off", [("A", "2024-01-05", 500_000, 500_000)], {"enabled": False}),
    _caps("other caps", [("A", "2024-01-05", 90, 90), ("B", "2024-02-05", 20, 10)],
          {"month_mnt": 50, "quarter_mnt": 100}),
    _caps("off since mid-March: the later test is neither capped nor counted",
          [("A", "2024-03-05", 200_000, 165_000), ("B", "2024-03-15", 200_000, 200_000)],
          {"enabled": [(*MID_MARCH[0], True), (*MID_MARCH[1], False)]}),
    _caps("on since mid-March: January was not counted",
          [("A", "2024-01-05", 200_000, 200_000), ("B", "2024-03-15", 170_000, 165_000)],
          {"enabled": [(*MID_MARCH[0], False), (*MID_MARCH[1], True)]}),
    _caps("a cap that falls below what was used", [
        ("A", "2024-01-05", 100_000, 100_000), ("B", "2024-03-15", 10_000, 0)],
        {"quarter_mnt": [(*MID_MARCH[0], 165_000), (*MID_MARCH[1], 90_000)]}),
    Case(
        "cap: both caps are those of the month's first claim by order",
        [_test("A", "2024-03-05", 60_000, submitted_at="2024-03-20"),
         _test("B", "2024-03-15", 60_000, submitted_at="2024-03-16")],
        {"B": paid(60_000), "A": reduced("OVER_CAP", 10_000, 50_000, case_id="B")},
        rules={"DIAGNOSTICS_CAP": {"month_mnt": [(*MID_MARCH[0], 55_000), (*MID_MARCH[1], 20_000)],
                                   "quarter_mnt": [(*MID_MARCH[0], 165_000), (*MID_MARCH[1], 70_000)]}},
    ),
    Case(
        "cap: months go by the calendar, though presented the other way round",
        [_test("M", "2024-03-05", 60_000, submitted_at="2024-03-06"),
         _test("J", "2024-01-05", 60_000, submitted_at="2024-04-06")],
        {"J": paid(60_000), "M": reduced("OVER_CAP", 55_000, 5_000)},
        rules={"DIAGNOSTICS_CAP": CAPS},
    ),
    Case(
        "cap: each facility has its own, and other care types none",
        [_test("A", "2024-01-05", 165_000), _test("B", "2024-01-05", 165_000, facility_id="G"),
         claim("C", "high_cost_diagnostics", "2024-01-05", service_code="MRI"),
         _test("D", "2024-01-06", 5, insured_id="Q")],
        {"A": paid(165_000, case_id="A"), "B": paid(165_000, case_id="B"), "C": paid(350_000), "D": paid(5)},
        rules={"DIAGNOSTICS_CAP": CAPS},
    ),
    Case(
        "cap: what was denied before is not counted",
        [claim("A", "diagnostics", "2024-01-05", service_code="T60", quantity=2),
         claim("B", "diagnostics", "2024-01-06", service_code="T60"),
         claim("C", "diagnostics", "2024-02-05", service_code="T40")],
        {"A": paid(120_000), "B": denied("REPEAT_TEST", related_claim_id="A", case_id="B"), "C": paid(40_000)},
        rules={"DIAGNOSTICS_CAP": CAPS, "REPEAT_TEST": {"care_types": "diagnostics"}},
    ),
]  # fmt: skip

SUMS = [*REHAB, *DIAGNOSTICS]

"""Phases 9, 10 and 12: tests after a positive, tests and sanatoria that come again."""

from tests.cases.case import Case, claim, facility
from tests.cases.outcomes import denied, paid

POSITIVE_RULE = {"POSITIVE_ALREADY": {"service_codes": "T20|T30"}}


def _test(
    claim_id: str, day: str, result: str | None = None, service_code: str = "T20", **columns: object
) -> dict:
    return claim(claim_id, "diagnostics", day, service_code=service_code, test_result=result, **columns)


def _positives(name: str, found: dict, rows: list[dict], rules: dict | None = None) -> Case:
    """`found` gives, by the denied test, the positive that it is related to."""
    expected = {
        row["claim_id"]: denied("POSITIVE_ALREADY", related_claim_id=found[row["claim_id"]])
        if row["claim_id"] in found
        else {"related_claim_id": None}
        for row in rows
    }
    return Case(f"positive: {name}", rows, expected, rules=POSITIVE_RULE if rules is None else rules)


POSITIVES = [
    _positives("a test after it, years later and elsewhere", {"B": "A"},
               [_test("A", "2015-03-05", "positive"), _test("B", "2024-03-06", facility_id="G")]),
    _positives("a test before it", {}, [_test("A", "2024-03-05"), _test("B", "2024-03-06", "positive")]),
    _positives("negative", {}, [_test("A", "2024-03-05", "negative"), _test("B", "2024-03-06")]),
    _positives("another code", {}, [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06", None, "T30")]),
    _positives("a code that is not listed", {},
               [_test("A", "2024-03-05", "positive", "T40"), _test("B", "2024-03-06", None, "T40")]),
    _positives("another person", {}, [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06", insured_id="Q")]),
    _positives("at the same instant, by order", {"B": "A"},
               [_test("A", "2024-03-05", "positive", submitted_at="2024-03-06"),
                _test("B", "2024-03-05", submitted_at="2024-03-07")]),
    _positives("at the same instant, before it by order", {},
               [_test("A", "2024-03-05", "positive", submitted_at="2024-03-07"),
                _test("B", "2024-03-05", submitted_at="2024-03-06")]),
    _positives("a second later, though presented before", {"B": "A"},
               [_test("A", "2024-03-05", "positive", submitted_at="2024-03-09"),
                _test("B", "2024-03-05 00:00:01", submitted_at="2024-03-06")]),
    _positives("the earliest is the evidence; a later positive is denied as well", {"B": "A", "C": "A"},
               [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06", "positive"), _test("C", "2024-03-07")]),
    _positives("off", {}, [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06")], {}),
    _positives("off for the positive", {}, [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06")],
               {"POSITIVE_ALREADY": {"service_codes": "T20",
                "enabled": [("2008-01-01", "2024-03-05", False), ("2024-03-06", None, True)]}}),
    _positives("its code listed only since", {}, [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06")],
               {"POSITIVE_ALREADY": {
                   "service_codes": [("2008-01-01", "2024-03-05", "T30"), ("2024-03-06", None, "T20")]}}),
    Case(
        "positive: it counts though its claim was denied",
        [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06")],
        {"A": denied("NOT_ELIGIBLE"), "B": denied("POSITIVE_ALREADY", related_claim_id="A")},
        rules=POSITIVE_RULE,
        facilities=[facility("F", valid_from=claim("", "", "2024-03-06")["start_at"].date())],
    ),
    Case(
        "positive: it does not count once voided",
        [_test("A", "2024-03-05", "positive"), _test("B", "2024-03-06"),
         {"claim_id": "D", "message": "cancellation", "replaces_claim_id": "A"}],
        {"B": paid(20_000)},
        rules=POSITIVE_RULE,
    ),
]  # fmt: skip

TESTS_RULE = {"care_types": "diagnostics|high_cost_diagnostics"}


def _tests(name: str, denied_too: bool, second: dict, **more: object) -> Case:
    """A CT on 5 March at level 2, then a CT elsewhere at that level with these columns."""
    rows = [
        claim("A", "high_cost_diagnostics", "2024-03-05", service_code="CT", facility_id="L2"),
        claim("B", "high_cost_diagnostics", "2024-03-06", service_code="CT", facility_id="L2B") | second,
    ]
    wanted = denied("REPEAT_TEST", related_claim_id="A") if denied_too else {"related_claim_id": None}
    return Case(
        f"tests: {name}", rows, {"A": paid(120_000), "B": wanted}, rules={"REPEAT_TEST": TESTS_RULE | more}
    )


MARCH_31, APRIL_1 = (claim("", "", day) for day in ("2024-03-31 23:00", "2024-04-01"))
TESTS = [
    _tests("in another facility of the level", True, {}),
    _tests("at another level", False, {"facility_id": "F"}),
    _tests("another site", False, {"site": "left"}),
    _tests("another code", False, {"service_code": "MRI"}),
    _tests("another person", False, {"insured_id": "Q"}),
    _tests("the month's last hour", True, {"start_at": MARCH_31["start_at"], "end_at": MARCH_31["end_at"]}),
    _tests("the next month", False, {"start_at": APRIL_1["start_at"], "end_at": APRIL_1["end_at"]}),
    _tests("off", False, {}, enabled=False),
    _tests(
        "off for the first",
        False,
        {},
        enabled=[("2008-01-01", "2024-03-05", False), ("2024-03-06", None, True)],
    ),
    _tests(
        "off for the later",
        False,
        {},
        enabled=[("2008-01-01", "2024-03-05", True), ("2024-03-06", None, False)],
    ),
    _tests("a care type not asked", False, {}, care_types="diagnostics"),
    Case(
        "tests: without a code neither judged nor counted",
        [
            claim("A", "diagnostics", "2024-03-05", billed_mnt=5),
            claim("B", "diagnostics", "2024-03-06", billed_mnt=5),
        ],
        {"A": paid(5), "B": paid(5)},
        rules={"REPEAT_TEST": TESTS_RULE},
    ),
    Case(
        "tests: a facility that rose to another level within the month",
        [
            claim("A", "diagnostics", "2024-03-05", service_code="T20", facility_id="UP"),
            claim("B", "diagnostics", "2024-03-15", service_code="T20", facility_id="UP"),
            claim("C", "diagnostics", "2024-03-20", service_code="T20", facility_id="F"),
        ],
        {"A": paid(20_000), "B": paid(20_000), "C": denied("REPEAT_TEST", related_claim_id="B")},
        rules={"REPEAT_TEST": TESTS_RULE},
        facilities=[
            facility("F"),
            facility("UP", 2, valid_to=claim("", "", "2024-03-14")["start_at"].date()),
            facility("UP", 3, valid_from=claim("", "", "2024-03-15")["start_at"].date()),
        ],
    ),
]


def _sanatorium(name: str, denied_too: bool, first: str, second: str, **more: object) -> Case:
    rows = [claim("A", "sanatorium", first), claim("B", "sanatorium", second, facility_id="G")]
    wanted = denied("ONCE_A_YEAR", related_claim_id="A") if denied_too else {"related_claim_id": None}
    rules = {"ONCE_A_YEAR": {"care_types": "sanatorium"} | more}
    return Case(f"once a year: {name}", rows, {"A": paid(260_000), "B": wanted}, rules=rules)


YEARLY = [
    _sanatorium("twice", True, "2024-01-01", "2024-12-31 23:00"),
    _sanatorium("over the year's end", False, "2023-12-31 23:00", "2024-01-01"),
    _sanatorium("off", False, "2024-01-01", "2024-02-01", enabled=False),
    _sanatorium("not asked", False, "2024-01-01", "2024-02-01", care_types=""),
    _sanatorium("on since", False, "2024-01-01", "2024-02-01",
                enabled=[("2008-01-01", "2024-01-31", False), ("2024-02-01", None, True)]),
    Case(
        "once a year: each care type by itself",
        [claim("A", "sanatorium", "2024-01-01"), claim("B", "emergency", "2024-02-01"),
         claim("C", "emergency", "2024-03-01")],
        {"A": paid(260_000), "B": paid(35_000), "C": denied("ONCE_A_YEAR", related_claim_id="B")},
        rules={"ONCE_A_YEAR": {"care_types": "sanatorium|emergency"}},
    ),
]  # fmt: skip

REPEAT_TESTS = [*POSITIVES, *TESTS, *YEARLY]

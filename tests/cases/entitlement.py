"""Phases 1 to 3: eligibility, coverage, orders."""

from datetime import date

from tests.cases.case import Case, claim, facility, person
from tests.cases.outcomes import denied, paid

ALWAYS = {"valid_from": "2008-01-01"}
NO = denied("NOT_ELIGIBLE", deducted_mnt=9_000, gross_mnt=9_000, related_claim_id=None)
TRIPLE = {"facility_type": "15.1.1", "ownership": "state", "care_type": "outpatient", "needs_contract": False}
NEEDS = [ALWAYS | TRIPLE | {"needs_contract": True}]
OTHER = [ALWAYS | TRIPLE | {"care_type": "inpatient"}]


def _eligible(
    name: str, wanted: dict, table: list[dict], on: object = True, day: str = "2024-03-05", **columns
) -> Case:
    """One visit at a facility with these columns, under this eligibility table."""
    return Case(
        name,
        [claim("A", "outpatient", day)],
        {"A": wanted},
        rules={"ELIGIBILITY": {"enabled": on}},
        tables={"eligibility": table},
        facilities=[facility("F", **columns)],
    )


ELIGIBILITY = [
    _eligible("eligible: the triple is listed", paid(9_000), [ALWAYS | TRIPLE]),
    _eligible("eligible: the triple is not listed", NO, OTHER),
    _eligible("eligible: another ownership", NO, [ALWAYS | TRIPLE], ownership="private"),
    _eligible("eligible: no facility type", NO, [ALWAYS | TRIPLE], facility_type=None),
    _eligible("eligible: the rule is off", paid(9_000), OTHER, on=False),
    _eligible("eligible: off on the day, on later", paid(9_000), OTHER, on=[
        ("2008-01-01", "2024-03-05", False), ("2024-03-06", None, True)]),
    _eligible("eligible: on since the day", NO, OTHER, on=[
        ("2008-01-01", "2024-03-04", False), ("2024-03-05", None, True)]),
    _eligible("eligible: a table without any row on the day", paid(9_000), [OTHER[0] | {"valid_from": "2024-03-06"}]),
    _eligible("eligible: a table with one row on the day", NO, [OTHER[0] | {"valid_from": "2024-03-05"}]),
    _eligible("eligible: needs a contract and has none", NO, NEEDS),
    _eligible("eligible: needs a contract and has it", paid(9_000), NEEDS, contracted_care_types=["outpatient"]),
    _eligible("eligible: contracted for something else", NO, [ALWAYS | TRIPLE], contracted_care_types=["inpatient"]),
    _eligible("eligible: without a table, contracted for something else", NO, [], contracted_care_types=["inpatient"]),
    _eligible("eligible: without a table, nothing contracted", paid(9_000), []),
    _eligible("eligible: the contract's first day", paid(9_000), [], contract_from=date(2024, 3, 5)),
    _eligible("eligible: before the contract", NO, [], contract_from=date(2024, 3, 6)),
    _eligible("eligible: the contract's last day", paid(9_000), [], contract_to=date(2024, 3, 5)),
    _eligible("eligible: after the contract", NO, [], contract_to=date(2024, 3, 4)),
    _eligible("eligible: after the contract, the rule off", paid(9_000), [], on=False, contract_to=date(2024, 3, 4)),
    _eligible("no facility row in force, the rule on", NO, [], valid_to=date(2024, 3, 4)),
    _eligible("no facility row in force, the rule off", NO, [], on=False, valid_to=date(2024, 3, 4)),
    _eligible("a facility row's first day", paid(9_000), [], valid_from=date(2024, 3, 5)),
    _eligible("a facility row's last day", paid(9_000), [], valid_to=date(2024, 3, 5)),
    Case(
        "a stay is eligible by its end",
        [claim("A", "inpatient", "2024-03-01", "2024-03-05"), claim("B", "inpatient", "2024-03-01", "2024-03-06")],
        {"A": paid(450_000), "B": denied("NOT_ELIGIBLE")},
        rules={"ELIGIBILITY": {}},
        facilities=[facility("F", contract_to=date(2024, 3, 5))],
    ),
    Case(
        "what has no price is not asked for eligibility",
        [claim("A", "high_cost_diagnostics", "2024-03-05")],
        {"A": denied("NO_TARIFF")},
        rules={"ELIGIBILITY": {}},
        facilities=[facility("F", contract_to=date(2024, 3, 4))],
    ),
]  # fmt: skip


def _covered(
    name: str, wanted: dict, insured: list[dict] | None, care_type: str = "outpatient", on: object = True
) -> Case:
    return Case(
        name,
        [claim("A", care_type, "2024-03-05", "2024-03-07")],
        {"A": wanted},
        rules={"COVERAGE": {"enabled": on, "exempt_care_types": "emergency"}},
        insured=insured,
    )


NOT_COVERED = denied("NOT_COVERED", related_claim_id=None)
DEAD = denied("AFTER_DEATH", related_claim_id=None)
COVERAGE = [
    _covered("no insured table", paid(9_000), None),
    _covered("an insured table without the person", NOT_COVERED, [person(insured_id="Q")]),
    _covered("an empty insured table", NOT_COVERED, []),
    _covered("the first day covered", paid(9_000), [person("2024-03-05")]),
    _covered("not yet covered", NOT_COVERED, [person("2024-03-06")]),
    _covered("the last day covered", paid(9_000), [person("2024-01-01", "2024-03-05")]),
    _covered("no longer covered", NOT_COVERED, [person("2024-01-01", "2024-03-04")]),
    _covered("between two periods", NOT_COVERED, [person("2024-01-01", "2024-03-04"), person("2024-03-06")]),
    _covered("in the second period", paid(9_000), [person("2024-01-01", "2024-03-04"), person("2024-03-05")]),
    _covered("on the day of death", paid(9_000), [person(death_date=date(2024, 3, 5))]),
    _covered("the day after death", DEAD, [person(death_date=date(2024, 3, 4))]),
    _covered("not covered comes before death", NOT_COVERED, [person("2024-03-06", death_date=date(2024, 3, 4))]),
    _covered("an exempt care type", paid(35_000), [], "emergency"),
    _covered("an exempt care type after death", paid(35_000), [person(death_date=date(2024, 3, 4))], "emergency"),
    _covered("coverage is off", paid(9_000), [], on=False),
    _covered("a stay is covered by its start", paid(450_000), [person("2024-01-01", "2024-03-05")], "inpatient"),
    Case(
        "coverage that is on since a stay's last day asks for its first day",
        [claim("A", "inpatient", "2024-03-05", "2024-03-07")],
        {"A": NOT_COVERED},
        rules={"COVERAGE": {"enabled": [("2008-01-01", "2024-03-06", False), ("2024-03-07", None, True)],
                            "exempt_care_types": ""}},
        insured=[person("2024-03-06")],
    ),
]  # fmt: skip

ORDERS = [
    Case(
        "orders for care types and service codes",
        [
            claim("A", "high_cost_diagnostics", "2024-03-05", service_code="CT"),
            claim("B", "high_cost_diagnostics", "2024-03-05", service_code="CT", order_no="77"),
            claim("C", "diagnostics", "2024-03-05", service_code="T20"),
            claim("D", "diagnostics", "2024-03-05", service_code="T30"),
            claim("E", "diagnostics", "2024-03-05", service_code="T20", order_no=" "),
        ],
        {
            "A": denied("ORDER_MISSING", related_claim_id=None, deducted_mnt=120_000),
            "B": paid(120_000),
            "C": denied("ORDER_MISSING"),
            "D": paid(30_000),
            "E": denied("ORDER_MISSING"),
        },
        rules={"ORDER_REQUIRED": {"care_types": "high_cost_diagnostics", "service_codes": "T20|XYZ"}},
    ),
    Case(
        "orders are off, or asked of none",
        [
            claim("A", "high_cost_diagnostics", "2024-03-14", service_code="CT"),
            claim("B", "high_cost_diagnostics", "2024-03-15", service_code="CT"),
            claim("C", "high_cost_diagnostics", "2024-03-20", service_code="CT"),
        ],
        {"A": paid(120_000), "B": denied("ORDER_MISSING"), "C": paid(120_000)},
        rules={
            "ORDER_REQUIRED": {
                "enabled": [("2008-01-01", "2024-03-14", False), ("2024-03-15", None, True)],
                "care_types": [
                    ("2008-01-01", "2024-03-19", "high_cost_diagnostics"),
                    ("2024-03-20", None, ""),
                ],
                "service_codes": "",
            }
        },
    ),
]

ENTITLEMENT = [*ELIGIBILITY, *COVERAGE, *ORDERS]

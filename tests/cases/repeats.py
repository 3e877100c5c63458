"""Phases 4 and 8: exact duplicates, and visits for one diagnosis in several cabinets."""

from tests.cases.case import Case, claim
from tests.cases.outcomes import denied, paid

VISIT = ("outpatient", "2024-03-05 10:00", "2024-03-05 10:30")
FULL = {
    "department_id": "w1",
    "quantity": 2,
    "billed_mnt": 9_000,
    "site": "left",
    "procedures": ["0150", "8901"],
    "service_code": "x",
    "icd10": "G40.1",
    "drg_code": "V1",
}
TWICE = denied("EXACT_DUPLICATE", related_claim_id="A", deducted_mnt=9_000)


def _again(name: str, duplicate: bool, on: object = True, **columns: object) -> Case:
    """A visit A, and B that is the same but for these columns."""
    first, second = claim("A", *VISIT) | FULL, claim("B", *VISIT) | FULL | columns
    wanted = TWICE if duplicate else {"decision": "paid", "related_claim_id": None}
    return Case(
        f"duplicate, {name}",
        [first, second],
        {"A": paid(9_000, billing_difference_mnt=0), "B": wanted},
        rules={"EXACT_DUPLICATE": {"enabled": on}},
    )


DUPLICATES = [
    _again("the same in all", True),
    _again("nulls are equal", True, claim_id="B"),
    _again("the code written otherwise", True, icd10="g401"),
    _again("procedures in another order and twice", True, procedures=["8901", "01.50", "0150"]),
    _again("a group that was corrected to the same", True, drg_code=None),
    _again("another doctor and note", True, practitioner_id="d2", note="x", order_no="1", specialty="s"),
    _again("off", False, on=False),
    _again("another facility", False, facility_id="G"),
    _again("another person", False, insured_id="Q"),
    _again("a second later", False, end_at=claim("", *VISIT)["end_at"].replace(second=1)),
    _again("another diagnosis", False, icd10="G40"),
    _again("another department", False, department_id="w2"),
    _again("no department", False, department_id=None),
    _again("another quantity", False, quantity=3),
    _again("another bill", False, billed_mnt=9_001),
    _again("no bill", False, billed_mnt=None),
    _again("another site", False, site="right"),
    _again("another service", False, service_code="y"),
    _again("one procedure less", False, procedures=["0150"]),
    Case(
        "duplicate: null quantity is one, nulls equal nulls, the first by order stays",
        [
            claim("A", *VISIT, submitted_at="2024-03-09"),
            claim("B", *VISIT, submitted_at="2024-03-08", quantity=1),
            claim("C", *VISIT, submitted_at="2024-03-08", procedures=[]),
        ],
        {
            "B": paid(9_000),
            "A": denied("EXACT_DUPLICATE", related_claim_id="B"),
            "C": denied("EXACT_DUPLICATE", related_claim_id="B"),
        },
        rules={"EXACT_DUPLICATE": {}},
    ),
    Case(
        "duplicate: of what was denied before there is no duplicate",
        [claim("A", "diagnostics", "2024-03-05", service_code="?"), claim("B", "diagnostics", "2024-03-05",
         service_code="?")],
        {"A": denied("NO_PRICE"), "B": denied("NO_PRICE")},
        rules={"EXACT_DUPLICATE": {}},
    ),
    Case(
        "duplicate: the same group, claimed or found",
        [claim("A", "inpatient", "2024-03-01", "2024-03-04", drg_code="14221", icd10="G40"),
         claim("B", "inpatient", "2024-03-01", "2024-03-04", drg_code="14000", icd10="G40")],
        {"A": paid(529_785, drg_code="14221"), "B": paid(450_000, drg_code="14000")},
        rules={"EXACT_DUPLICATE": {}},
    ),
]  # fmt: skip

CABINET = {"specialty": "heart", "department_id": "1"}


def _visits(
    name: str, wanted: list[str], second: dict, mode: object = "each_visit", chars: object = "", **more
) -> Case:
    """A visit A on 5 March in cabinet 1, then others; `wanted` names those that are denied as repeats of A."""
    rows = [claim("A", "outpatient", "2024-03-05", icd10="I11.1", **CABINET)]
    for claim_id, columns in second.items():
        row = claim(claim_id, "outpatient", columns.pop("day", "2024-03-06"), icd10="I11.1", **CABINET)
        rows.append(row | columns)
    return Case(
        f"visits: {name}",
        rows,
        {
            claim_id: denied("REPEAT_VISIT", related_claim_id="A")
            if claim_id in wanted
            else paid(related_claim_id=None)
            for claim_id in ("A", *second)
        },
        rules={
            "REPEAT_VISIT": {"care_types": "outpatient", "same_cabinet": mode, "icd10_chars": chars} | more
        },
    )


OTHER = {"department_id": "2"}
FROM_MARCH_6 = [("2008-01-01", "2024-03-05", "each_visit"), ("2024-03-06", None, "one_per_month")]
VISITS = [
    _visits("another cabinet", ["B"], {"B": OTHER}),
    _visits("the same cabinet", [], {"B": {}}),
    _visits("the same cabinet, one a month", ["B"], {"B": {}}, "one_per_month"),
    _visits("a mode that changes: by the first visit", [], {"B": {}}, FROM_MARCH_6),
    _visits("back in the first cabinet", ["B"], {"B": OTHER, "C": {"day": "2024-03-07"}}),
    _visits("two in the other cabinet", ["B", "C"], {"B": OTHER, "C": OTHER | {"day": "2024-03-07"}}),
    _visits("the month's last day", ["B"], {"B": OTHER | {"day": "2024-03-31 23:59:59"}}),
    _visits("the next month", [], {"B": OTHER | {"day": "2024-04-01"}}),
    _visits("the same month of another year", [], {"B": OTHER | {"day": "2025-03-05"}}),
    _visits("another diagnosis", [], {"B": OTHER | {"icd10": "I11.2"}}),
    _visits("another diagnosis, but alike in three characters", ["B"], {"B": OTHER | {"icd10": "I11.2"}}, chars=3),
    _visits("alike in three of four characters", [], {"B": OTHER | {"icd10": "I11.2"}}, chars=4),
    _visits("characters by each one's date", [], {"B": OTHER | {"icd10": "I11.2"}},
            chars=[("2008-01-01", "2024-03-05", 3), ("2024-03-06", None, "")]),
    _visits("cut and whole are compared as they are", ["B"], {"B": OTHER | {"icd10": "I11"}},
            chars=[("2008-01-01", "2024-03-05", 3), ("2024-03-06", None, "")]),
    _visits("another specialty", [], {"B": OTHER | {"specialty": "eye"}}),
    _visits("another facility", [], {"B": OTHER | {"facility_id": "G"}}),
    _visits("another person", [], {"B": OTHER | {"insured_id": "Q"}}),
    _visits("no cabinet", [], {"B": {"department_id": None}}),
    _visits("no specialty", [], {"B": OTHER | {"specialty": None}}),
    _visits("another care type", [], {"B": OTHER | {"care_type": "day_treatment"}}),
    _visits("off", [], {"B": OTHER}, enabled=False),
    _visits("off for the later", [], {"B": OTHER},
            enabled=[("2008-01-01", "2024-03-05", True), ("2024-03-06", None, False)]),
    _visits("off for the first", [], {"B": OTHER},
            enabled=[("2008-01-01", "2024-03-05", False), ("2024-03-06", None, True)]),
    _visits("care types that change", [], {"B": OTHER},
            care_types=[("2008-01-01", "2024-03-05", ""), ("2024-03-06", None, "outpatient")]),
    Case(
        "visits: the first is the first presented",
        [
            claim("A", "outpatient", "2024-03-05", **CABINET, submitted_at="2024-03-20"),
            claim("B", "outpatient", "2024-03-09", specialty="heart", department_id="2", submitted_at="2024-03-10"),
        ],
        {"A": denied("REPEAT_VISIT", related_claim_id="B"), "B": paid(9_000)},
        rules={"REPEAT_VISIT": {"care_types": "outpatient", "same_cabinet": "each_visit", "icd10_chars": ""}},
    ),
]  # fmt: skip

REPEATS = [*DUPLICATES, *VISITS]

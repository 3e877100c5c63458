"""What is quarantined, what is only ignored, and how values are read: contract.md."""

from datetime import date

from tests.cases.case import Case, at, claim, person
from tests.cases.outcomes import denied, paid

DAY = "2024-03-05"
VISIT_COPAY = {
    "copay": [
        {"care_type": "outpatient", "level": "*", "drg_code": "*", "service_code": "*"}
        | {"rate_bp": 1_000, "valid_from": "2008-01-01"}
    ]
}
IGNORED = paid(9_000, reasons=["IGNORED_VALUE"])


def _visit(claim_id: object = "A", **columns: object) -> dict:
    return claim(claim_id, "outpatient", DAY) | columns


def _fault(name: str, codes: list[str], **columns: object) -> Case:
    """One bad row beside a good one."""
    return Case(name, [_visit(**columns), _visit("good")], {"good": paid(9_000)}, quarantined={0: codes})


def _fine(name: str, wanted: dict | None = None, **columns: object) -> Case:
    return Case(name, [_visit(**columns)], {"A": wanted or paid(9_000)})


FAULTS = [
    _fault("no claim_id", ["MISSING_VALUE"], claim_id=None),
    _fault("no insured_id", ["MISSING_VALUE"], insured_id=None),
    _fault("an empty facility_id", ["MISSING_VALUE"], facility_id=""),
    _fault("a blank care_type", ["MISSING_VALUE"], care_type="  "),
    _fault("no diagnosis", ["MISSING_VALUE"], icd10=None),
    _fault("no start", ["MISSING_VALUE"], start_at=None),
    _fault("no end", ["MISSING_VALUE"], end_at=None),
    _fault("a care type that is not in the book", ["UNKNOWN_CARE_TYPE"], care_type="spa"),
    _fault("a care type in other letters", ["UNKNOWN_CARE_TYPE"], care_type="Outpatient"),
    _fault("before the book", ["UNKNOWN_CARE_TYPE"], start_at=at("2007-12-31"), end_at=at("2008-01-01")),
    _fault("a facility that is not in the table", ["UNKNOWN_FACILITY"], facility_id="f"),
    *(
        _fault(f"a diagnosis {code!r}", ["BAD_ICD10"], icd10=code)
        for code in ("G", "G4", "4G0", "GG0", "G40.12345", "G40-1", "Ж40", ".", "G4_")
    ),
    _fault("ends before it starts", ["BAD_PERIOD"], end_at=at("2024-03-04 23:59:59")),
    _fault("a negative quantity", ["NEGATIVE_VALUE"], quantity=-1),
    _fault("a negative bill", ["NEGATIVE_VALUE"], billed_mnt=-1),
    _fault("starts too early", ["DATE_OUT_OF_RANGE", "UNKNOWN_CARE_TYPE"], start_at=at("1989-12-31 23:59:59")),
    _fault("ends too late", ["DATE_OUT_OF_RANGE"], end_at=at("2101-01-01")),
    _fault("sent too early", ["DATE_OUT_OF_RANGE"], submitted_at=at("1989-12-31")),
    _fault("an unknown message", ["UNKNOWN_MESSAGE"], message="Cancellation"),
    _fault(
        "every code that applies is listed",
        ["BAD_ICD10", "BAD_PERIOD", "MISSING_VALUE", "NEGATIVE_VALUE", "UNKNOWN_FACILITY"],
        icd10="?", end_at=at("2024-03-01"), insured_id=None, quantity=-1, facility_id="?",
    ),
    Case(
        "a stay is looked up by its end",
        [claim("A", "inpatient", "2007-12-30", "2008-01-01"), claim("B", "inpatient", "2007-12-30", "2007-12-31")],
        {"A": paid(450_000)},
        quarantined={1: ["UNKNOWN_CARE_TYPE"]},
    ),
    Case(
        "text columns: what is no number and no date",
        [
            _visit("A", billed_mnt="abc", start_at=DAY, end_at=DAY, quantity="1"),
            _visit("B", billed_mnt="12.5", start_at=DAY, end_at=DAY, quantity="1"),
            _visit("C", billed_mnt="9000", start_at="yesterday", end_at=DAY, quantity="1"),
            _visit("D", billed_mnt="9000", start_at="2024-02-30", end_at=DAY, quantity="1.5"),
            _visit("E", billed_mnt="9000", start_at=f"{DAY}T10:30", end_at=f"{DAY} 11:00:05", quantity="2"),
        ],
        {"E": paid(9_000, billing_difference_mnt=0, start_at=at(f"{DAY} 10:30"), end_at=at(f"{DAY} 11:00:05"))},
        quarantined={0: ["BAD_TYPE"], 1: ["BAD_TYPE"], 2: ["BAD_TYPE"], 3: ["BAD_TYPE"]},
    ),
    Case(
        "fractions of a tögrög",
        [_visit("A", billed_mnt=9_000.0), _visit("B", billed_mnt=9_000.5)],
        {"A": paid(9_000, billing_difference_mnt=0)},
        quarantined={1: ["BAD_TYPE"]},
    ),
]  # fmt: skip

SHARED_IDS = [
    Case(
        "equal rows: the first stays",
        [_visit(), _visit(), _visit(), _visit("B")],
        {"A": paid(9_000), "B": paid(9_000)},
        quarantined={1: ["DUPLICATE_CLAIM_ID"], 2: ["DUPLICATE_CLAIM_ID"]},
        either_way=False,
    ),
    Case(
        "equal once decoded",
        [
            _visit(icd10="G40.1", quantity=None, site=" "),
            _visit(icd10="g401 ", quantity=1, procedures=[None]),
        ],
        {"A": paid(9_000)},
        quarantined={1: ["DUPLICATE_CLAIM_ID"]},
        either_way=False,
    ),
    Case(
        "equal once decoded, from text columns",
        [
            _visit(quantity="1", billed_mnt="9000", start_at=DAY, end_at=f"{DAY} 10:00"),
            _visit(quantity=None, billed_mnt="9000.0", start_at=f"{DAY}T00:00", end_at=f"{DAY} 02:00Z"),
            _visit("B", quantity="abc", billed_mnt="?", start_at="?", end_at="?"),
        ],
        {"A": paid(9_000, billing_difference_mnt=0)},
        quarantined={1: ["DUPLICATE_CLAIM_ID"], 2: ["BAD_TYPE"]},
        either_way=False,
    ),
    Case(
        "unequal rows all go",
        [_visit(), _visit(), _visit(quantity=2)],
        {},
        quarantined={0: ["DUPLICATE_CLAIM_ID"], 1: ["DUPLICATE_CLAIM_ID"], 2: ["DUPLICATE_CLAIM_ID"]},
    ),
    Case(
        "unequal in an extra column only",
        [_visit(note="a"), _visit(note="b")],
        {},
        quarantined={0: ["DUPLICATE_CLAIM_ID"], 1: ["DUPLICATE_CLAIM_ID"]},
    ),
    Case(
        "a row with another error shares its id too",
        [_visit(), _visit(icd10="?")],
        {},
        quarantined={0: ["DUPLICATE_CLAIM_ID"], 1: ["BAD_ICD10", "DUPLICATE_CLAIM_ID"]},
    ),
    Case(
        "rows without an id share none",
        [_visit(None), _visit(None)],
        {},
        quarantined={0: ["MISSING_VALUE"], 1: ["MISSING_VALUE"]},
    ),
]

READ = [
    _fine("zoned times are local ones", paid(9_000, start_at=at("2024-03-06"), end_at=at("2024-03-06 01:00:59")),
          start_at=at("2024-03-05T16:00:00+00:00"), end_at=at("2024-03-05T16:00:59.999999-01:00")),
    _fine("times written with a zone", paid(9_000, start_at=at("2024-03-06"), end_at=at("2024-03-06 01:00")),
          start_at="2024-03-05T16:00:00Z", end_at="2024-03-06 01:00:00.9+08:00"),
    _fine("dates mean midnight", paid(9_000, start_at=at("2024-03-05"), end_at=at("2024-03-06")),
          start_at=date(2024, 3, 5), end_at=date(2024, 3, 6)),
    _fine("fractions of a second are cut before the period is judged", paid(9_000, end_at=at("2024-03-05 10:00")),
          start_at=at("2024-03-05T10:00:00.900000"), end_at=at("2024-03-05T10:00:00.100000")),
    _fine("lists written with bars", paid(9_000, reasons=["IGNORED_VALUE"]), icd10_secondary="C77|I10",
          procedures="015||x"),
    _fine("lists written with bars, all well", icd10_secondary="C77.0|", procedures="01.5|0150"),
    _fine("the first instant", paid(reasons=["NO_TARIFF"], decision="denied"), care_type="emergency",
          start_at=at("1990-01-01"), end_at=at("2100-12-31 23:59:59")),
    *(
        _fine(f"a diagnosis written {code!r}", icd10=code)
        for code in ("g40.1", " G40 . 1", "G40", "G4A", "G40ABCD", "g.4.0")
    ),
    _fine("a malformed secondary diagnosis is ignored", IGNORED, icd10_secondary=["C77", "?"]),
    _fine("a null or blank secondary diagnosis is nothing", icd10_secondary=[None, "", "C77"]),
    _fine("a malformed procedure is ignored", IGNORED, procedures=["1"]),
    _fine("a procedure in letters is ignored", IGNORED, procedures=["01.5", "ab"]),
    _fine("a procedure with a dot and spaces", procedures=[" 01.5 ", "0150"]),
    _fine("a sex outside the list is ignored", IGNORED, sex="M"),
    _fine("a blank sex is null", sex=" "),
    _fine("a result outside the list is ignored", IGNORED, test_result="pos"),
    _fine("a birth after the start is ignored", IGNORED, birth_date=date(2024, 3, 6)),
    _fine("a birth on the start day", birth_date=date(2024, 3, 5)),
    _fine("a denied claim keeps the flag", denied("NO_TARIFF", "IGNORED_VALUE"), sex="M",
          care_type="high_cost_diagnostics"),
    Case(
        "what a row leaves open comes from the insured's row in force, else the latest",
        [
            _visit("A", start_at=at("2024-03-05")),
            _visit("B", start_at=at("2024-01-05"), end_at=at("2024-01-05")),
            _visit("C", start_at=at("2023-06-05"), end_at=at("2023-06-05")),
            _visit("D", exemption="none"),
        ],
        {
            "A": paid(9_000, copay_mnt=0),
            "B": paid(9_000, copay_mnt=900),
            # Between its periods: the latest of them.
            "C": paid(9_000, copay_mnt=0),
            "D": paid(9_000, copay_mnt=900),
        },
        tables=VISIT_COPAY,
        insured=[
            person("2024-02-01", None, exemption="child"),
            person("2024-01-01", "2024-01-31"),
        ],
    ),
]  # fmt: skip


DECODE = [*FAULTS, *SHARED_IDS, *READ]

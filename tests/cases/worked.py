"""The worked cases of rules.md §5."""

from datetime import date

from tests.cases.case import Case, cancellation, claim, replacement
from tests.cases.outcomes import denied, merged, paid, reduced, voided

EPILEPSY = {"icd10": "G40.1"}
STAY = {"WARD_TRANSFER": {"gap_hours": 0}}
BUNDLED = {"BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": "traditional|rehabilitation"}}
CAP = {"DIAGNOSTICS_CAP": {"month_mnt": 55_000, "quarter_mnt": 165_000}}
SESSIONS = {"REHAB_SESSIONS": {"sessions": 7}}


def _test(claim_id: str, day: str, service_code: str) -> dict:
    return claim(claim_id, "diagnostics", day, service_code=service_code)


def _rehab(claim_id: str, day: str, quantity: int, care_type: str = "rehabilitation") -> dict:
    return claim(claim_id, care_type, day, quantity=quantity)


WORKED = [
    Case(
        "1 an inpatient stay at its weight, with copayment",
        [claim("A", "inpatient", "2024-03-01", "2024-03-03", **EPILEPSY)],
        {
            "A": paid(
                529_785,
                fund_mnt=450_317,
                copay_mnt=79_468,
                drg_code="14221",
                weight_e4=11_773,
                base_mnt=450_000,
                case_id="A",
                related_claim_id=None,
                billing_difference_mnt=None,
                tariff="case-book",
                tariff_period=date(2008, 1, 1),
            )
        },
    ),
    Case(
        "2 the same, exempt",
        [claim("A", "inpatient", "2024-03-01", "2024-03-03", **EPILEPSY, exemption="child")],
        {"A": paid(529_785, fund_mnt=529_785, copay_mnt=0)},
    ),
    Case(
        "3 two wards are one case, paid at the destination",
        [
            claim("A", "inpatient", "2024-03-01", "2024-03-04", **EPILEPSY, department_id="1"),
            claim("B", "inpatient", "2024-03-04", "2024-03-09", **EPILEPSY, department_id="2"),
        ],
        {
            "A": merged("WARD_TRANSFER", related_claim_id="B", deducted_mnt=529_785, case_id="A"),
            "B": paid(529_785, copay_mnt=79_468, related_claim_id=None, case_id="A"),
        },
        rules=STAY,
    ),
    Case(
        "3 a ward inside the stay is merged into it",
        [
            claim("A", "inpatient", "2024-03-01", "2024-03-10", **EPILEPSY),
            claim("B", "inpatient", "2024-03-03", "2024-03-05", **EPILEPSY),
        ],
        {
            "A": paid(529_785, related_claim_id=None),
            # B presents first (nothing was submitted, and it ends first), so the case bears its id.
            "B": merged("WARD_TRANSFER", related_claim_id="A", case_id="B"),
        },
        rules=STAY,
    ),
    Case(
        "4 diagnostics over the cap",
        [
            _test("J1", "2024-01-10", "T20"),
            _test("J2", "2024-01-11", "T30"),
            _test("F1", "2024-02-10", "T40"),
            _test("F2", "2024-02-11", "T30"),
            _test("M1", "2024-03-10", "T60"),
        ],
        {
            "J1": paid(20_000, fund_mnt=20_000, case_id="J1"),
            "J2": paid(30_000, fund_mnt=30_000, case_id="J1"),
            "F1": paid(40_000, fund_mnt=40_000, case_id="F1"),
            "F2": paid(30_000, fund_mnt=30_000, case_id="F1"),
            "M1": reduced("OVER_CAP", 45_000, 15_000, gross_mnt=60_000, case_id="M1"),
        },
        rules=CAP,
    ),
    Case(
        "5 too few sessions",
        [_rehab("A", "2024-03-01", 3), _rehab("B", "2024-03-05", 3)],
        {
            "A": denied("TOO_FEW_SESSIONS", case_id="A", deducted_mnt=15_000),
            "B": denied("TOO_FEW_SESSIONS", case_id="A", deducted_mnt=15_000),
        },
        rules=SESSIONS,
    ),
    Case(
        "5 just enough sessions",
        [_rehab("A", "2024-03-01", 3), _rehab("B", "2024-03-05", 4)],
        {
            "A": paid(15_000, case_id="A"),
            "B": merged("REHAB_SESSIONS", related_claim_id="A", case_id="A", deducted_mnt=20_000),
        },
        rules=SESSIONS,
    ),
    Case(
        "5 traditional first, paid at the rehabilitation claim",
        [_rehab("A", "2024-03-01", 3, "traditional"), _rehab("B", "2024-03-05", 4)],
        {
            "A": merged("REHAB_SESSIONS", related_claim_id="B", case_id="A", deducted_mnt=24_000),
            "B": paid(20_000, case_id="A", related_claim_id=None),
        },
        rules=SESSIONS,
    ),
    Case(
        "6 two admissions at once are both paid and both flagged",
        [
            claim("A", "inpatient", "2024-03-01", "2024-03-05", facility_id="F"),
            claim("B", "inpatient", "2024-03-03", "2024-03-06", facility_id="G"),
        ],
        {
            "A": paid(450_000, reasons=["OVERLAPPING_STAY"], related_claim_id=None),
            "B": paid(450_000, reasons=["OVERLAPPING_STAY"], related_claim_id=None),
        },
        rules={"OVERLAPPING_STAY": {}},
    ),
    Case(
        "7 the last replacement of an original stands",
        [
            claim("A", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-06"),
            replacement("B", "A", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-07"),
            replacement("C", "A", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-08"),
        ],
        {
            "A": voided("REPLACED", "C"),
            "B": voided("REPLACED", "C"),
            "C": paid(450_000, related_claim_id="A"),
        },
    ),
    Case(
        "7 the last replacement of a chain stands",
        [
            claim("A", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-06"),
            replacement("B", "A", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-07"),
            replacement("C", "B", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-08"),
        ],
        {
            "A": voided("REPLACED", "C"),
            "B": voided("REPLACED", "C"),
            "C": paid(450_000, related_claim_id="B"),
        },
    ),
    Case(
        "7 then a cancellation voids the line",
        [
            claim("A", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-06"),
            replacement("B", "A", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-07"),
            replacement("C", "B", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-08"),
            cancellation("D", "A", "2024-03-09"),
        ],
        {
            "A": voided("CANCELLED", "D"),
            "B": voided("CANCELLED", "D"),
            "C": voided("CANCELLED", "D"),
            "D": voided("CANCELLED", "A") | {"case_id": "D", "insured_id": None, "start_at": None},
        },
    ),
    Case(
        "8 a stay that comes later takes back the visit inside it",
        [
            claim("V", "outpatient", "2024-03-03", submitted_at="2024-03-03 18:00"),
            claim("S", "inpatient", "2024-03-01", "2024-03-05", submitted_at="2024-03-06"),
        ],
        {
            "V": denied("BUNDLED_IN_STAY", related_claim_id="S", deducted_mnt=9_000),
            "S": paid(450_000),
        },
        rules=BUNDLED,
    ),
]

"""What a claim costs under the book: rules.md §2."""

from datetime import date

from tests.cases.book import base_tables
from tests.cases.case import Case, claim, facility, person
from tests.cases.groups import drg_prices, takes
from tests.cases.outcomes import denied, paid

ALWAYS = {"valid_from": "2008-01-01"}
STAY = ("inpatient", "2024-03-01", "2024-03-05")


def _rows(*rows: dict) -> list[dict]:
    return [ALWAYS | row for row in rows]


def _bases(*rows: tuple[str, str, int]) -> list[dict]:
    cells = (
        {"care_type": "inpatient", "level": row[0], "ownership": row[1], "base_mnt": row[2]} for row in rows
    )
    return _rows(*cells, {"care_type": "palliative", "level": "*", "ownership": "*", "base_mnt": 65_000})


ALL_BASES = (("*", "*", 100), ("*", "private", 200), ("3", "*", 300), ("3", "private", 400))
HOUSES = [
    facility("F", ownership="private"),
    facility("S3"),
    facility("P2", 2, ownership="private"),
    facility("S2", 2),
    facility("GONE", valid_to=date(2024, 3, 4)),
    facility("MOVED", 2, valid_to=date(2024, 3, 4)),
    facility("MOVED", 3, valid_from=date(2024, 3, 5)),
]


def _with(table: str, *rows: dict) -> list[dict]:
    """The base book's table and these rows."""
    return base_tables()[table] + list(rows)


CHANGED_PRICES = {
    "drgs": [
        row for row in base_tables()["drgs"] if row["drg_code"] not in {"V1", "14000"}
    ] + [
        {"drg_code": "V1", "care_type": "outpatient", "total_mnt": 9_000, **ALWAYS, "valid_to": "2024-03-14"},
        {"drg_code": "V1", "care_type": "outpatient", "total_mnt": 9_500, "valid_from": "2024-03-15"},
        {"drg_code": "14000", "care_type": "inpatient", "weight_e4": 10_000, **ALWAYS, "valid_to": "2024-03-14"},
        {"drg_code": "14000", "care_type": "inpatient", "total_mnt": 500_000, "valid_from": "2024-03-15"},
    ],
    "base_rates": [
        *_bases(),
        {"care_type": "inpatient", "level": "*", "ownership": "*", "base_mnt": 400_000, "valid_to": "2023-12-31"},
        {"care_type": "inpatient", "level": "*", "ownership": "*", "base_mnt": 450_000, "valid_from": "2024-01-01"},
    ],
}  # fmt: skip

PRICING = [
    Case(
        "the base of the most specific row, level before ownership",
        [
            claim("A", *STAY, facility_id="F", icd10="I10"),
            claim("B", *STAY, facility_id="S3", icd10="I10"),
            claim("C", *STAY, facility_id="P2", icd10="I10"),
            claim("D", *STAY, facility_id="S2", icd10="I10"),
            claim("E", *STAY, facility_id="MOVED", icd10="I10"),
            claim("X", *STAY, facility_id="GONE", icd10="I10"),
        ],
        {
            "A": paid(400, base_mnt=400, copay_mnt=60),
            "B": paid(300, base_mnt=300, copay_mnt=45),
            "C": paid(200, base_mnt=200, copay_mnt=20),
            "D": paid(100, base_mnt=100, copay_mnt=10),
            # By the date of its end.
            "E": paid(300, base_mnt=300, copay_mnt=45),
            # No row in force on the day of its end: only `*` rows fit, and it is not eligible.
            "X": denied("NOT_ELIGIBLE", gross_mnt=100, base_mnt=100, deducted_mnt=100),
        },
        tables={"base_rates": _bases(*ALL_BASES)},
        facilities=HOUSES,
    ),
    Case(
        "level before ownership, where no row has both",
        [claim("A", *STAY, facility_id="F")],
        {"A": paid(300, base_mnt=300)},
        tables={"base_rates": _bases(*ALL_BASES[:3])},
        facilities=HOUSES,
    ),
    Case(
        "half a tögrög is rounded up",
        # 450 001 · 5 000 / 10 000 = 225 000.5; its copayment 225 001 · 15 % = 33 750.15.
        [claim("A", *STAY)],
        {"A": paid(225_001, copay_mnt=33_750, fund_mnt=191_251)},
        tables={
            "base_rates": _bases(("*", "*", 450_001)),
            "drgs": [
                row | {"weight_e4": 5_000} if row["drg_code"] == "14000" else row for row in base_tables()["drgs"]
            ],
        },
    ),
    Case(
        "prices by the pricing date: a visit's start, a stay's end",
        [
            claim("A", "outpatient", "2024-03-14 23:00", "2024-03-15 01:00", insured_id="A"),
            claim("B", "outpatient", "2024-03-15", insured_id="B"),
            claim("C", "inpatient", "2024-03-10", "2024-03-14 23:59", insured_id="C"),
            claim("D", "inpatient", "2024-03-10", "2024-03-15", insured_id="D"),
            claim("E", "inpatient", "2023-12-10", "2023-12-31", insured_id="E"),
        ],
        {
            "A": paid(9_000, tariff_period=date(2008, 1, 1)),
            "B": paid(9_500, tariff_period=date(2024, 3, 15)),
            # The later of the weight's and the base rate's period.
            "C": paid(450_000, weight_e4=10_000, base_mnt=450_000, tariff_period=date(2024, 1, 1)),
            "D": paid(500_000, weight_e4=None, base_mnt=None, tariff_period=date(2024, 3, 15)),
            "E": paid(400_000, base_mnt=400_000, tariff_period=date(2008, 1, 1)),
        },
        tables=CHANGED_PRICES,
    ),
    Case(
        "items: a price a piece, as billed, and none at all",
        [
            claim("A", "diagnostics", "2024-03-05", service_code="T20", quantity=3, billed_mnt=70_000),
            claim("B", "diagnostics", "2024-03-05", service_code="other", quantity=3, billed_mnt=70_000),
            claim("C", "diagnostics", "2024-03-05", service_code=None, billed_mnt=1),
            claim("D", "diagnostics", "2024-03-05", service_code="other"),
            claim("E", "high_cost_diagnostics", "2024-03-05", service_code="other", billed_mnt=5),
            claim("G", "high_cost_diagnostics", "2024-03-05", service_code=None, drg_code="14221"),
            claim("H", "diagnostics", "2024-03-05", service_code="T20", quantity=0, billed_mnt=0),
            claim("I", "diagnostics", "2024-03-05", service_code="T20", drg_code="14221"),
            claim("J", "diagnostics", "2024-03-05", service_code="T20", billed_mnt=20_000),
        ],
        {
            "A": paid(60_000, billing_difference_mnt=10_000, reasons=["BILLED_ABOVE_TARIFF"], drg_code=None),
            "B": paid(70_000, billing_difference_mnt=0, weight_e4=None, base_mnt=None),
            "C": paid(1, billing_difference_mnt=0, tariff_period=date(2008, 1, 1)),
            "D": denied("NO_PRICE", gross_mnt=0, deducted_mnt=0, billing_difference_mnt=None, tariff_period=None),
            "E": denied("NO_TARIFF", gross_mnt=0, billing_difference_mnt=None, tariff_period=None),
            "G": denied("NO_TARIFF", drg_code=None),
            "H": paid(0, billing_difference_mnt=0, tariff_period=date(2008, 1, 1)),
            "I": paid(20_000, drg_code=None, billing_difference_mnt=None),
            "J": paid(20_000, billing_difference_mnt=0),
        },
    ),
    Case(
        "an item of a care type that is priced by group",
        [
            claim("A", "outpatient", "2024-03-05", service_code="ECG", quantity=2, drg_code="V9"),
            claim("B", "outpatient", "2024-03-05", service_code="other"),
            claim("C", "outpatient", "2008-06-30", service_code="ECG"),
        ],
        {
            "A": paid(8_000, drg_code=None),
            "B": paid(9_000, drg_code="V1"),
            # Before the item was listed.
            "C": paid(9_000, drg_code="V1"),
        },
        tables={
            "items": _with(
                "items",
                {"care_type": "outpatient", "service_code": "ECG", "unit_mnt": 4_000, "valid_from": "2008-07-01"},
            )
        },
    ),
    Case(
        "billed below and above, on paid and denied claims",
        [
            claim("A", "outpatient", "2024-03-05", billed_mnt=8_999, facility_id="F"),
            claim("B", "outpatient", "2024-03-05", billed_mnt=9_001, facility_id="GONE"),
        ],
        {
            "A": paid(9_000, billing_difference_mnt=-1, reasons=["BILLED_BELOW_TARIFF"]),
            "B": denied("NOT_ELIGIBLE", "BILLED_ABOVE_TARIFF", billing_difference_mnt=1, deducted_mnt=9_000),
        },
        facilities=[facility("F"), facility("GONE", valid_to=date(2024, 3, 4))],
    ),
    Case(
        "a group without a base rate for this facility keeps its code",
        [
            claim("A", "inpatient", "2024-03-01", "2024-03-05", facility_id="L2", drg_code="14221", billed_mnt=1),
            claim("B", "inpatient", "2024-03-01", "2024-03-05", facility_id="F", insured_id="Q"),
        ],
        {
            "A": denied(
                "NO_TARIFF", "DRG_CORRECTED", drg_code="14000", weight_e4=None, base_mnt=None, gross_mnt=0,
                tariff_period=None, billing_difference_mnt=None,
            ),
            "B": paid(300),
        },
        tables={"base_rates": _bases(("3", "*", 300))},
    ),
    Case(
        "age and sex from the insured",
        [claim("A", "inpatient", "2024-03-01", "2024-03-05"), claim("B", *STAY, sex="m")],
        {"A": paid(1_000, drg_code="Y"), "B": paid(1_000, drg_code="X")},
        insured=[person(sex="f", birth_date=date(2000, 1, 1))],
        tables={
            "drg_map": _rows(takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, sex="f", age_from=18)),
            "drgs": drg_prices("X", "Y"),
        },
    ),
    Case(
        "a malformed sex and a birth after the start are unknown in the insured, without a flag",
        [claim("A", "inpatient", "2024-03-01", "2024-03-05", sex="M", birth_date=date(2025, 1, 1))],
        {"A": paid(1_000, drg_code="X", reasons=["IGNORED_VALUE"])},
        insured=[person(sex="F", birth_date=date(2024, 3, 2))],
        tables={
            "drg_map": _rows(takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, sex="f"),
                             takes("A00", "Z99", "Z", 2, age_from=0)),
            "drgs": drg_prices("X", "Y", "Z"),
        },
    ),
]  # fmt: skip

"""Group and price: rules.md §2."""

from datetime import date

from tests.cases.book import base_tables
from tests.cases.case import Case, at, claim, facility, person
from tests.cases.outcomes import denied, paid

ALWAYS = {"valid_from": "2008-01-01"}
STAY = ("inpatient", "2024-03-01", "2024-03-05")


def _rows(*rows: dict) -> list[dict]:
    return [ALWAYS | row for row in rows]


def _map(low: str, high: str, drg_code: str, priority: int = 0, **conditions: object) -> dict:
    ends = {"care_type": "inpatient", "icd10_from": low, "icd10_to": high}
    return {**ends, "drg_code": drg_code, "priority": priority, **conditions}


def _prices(*codes: str) -> list[dict]:
    return _rows(*({"drg_code": code, "care_type": "inpatient", "total_mnt": 1_000} for code in codes))


def _group(
    name: str, wanted: str | None, *rows: dict, reasons: tuple[str, ...] = (), **columns: object
) -> Case:
    """Which group a claim finds among these rows of `drg_map`; None: NO_DRG."""
    codes = sorted({row["drg_code"] for row in rows})
    found = denied("NO_DRG", drg_code=None, gross_mnt=0, deducted_mnt=0, tariff_period=None)
    expected = paid(1_000, drg_code=wanted, reasons=list(reasons)) if wanted else found
    tables = {"drg_map": _rows(*rows), "drgs": _prices(*codes)}
    return Case(name, [claim("A", *STAY, **columns)], {"A": expected}, tables=tables)


GROUPS = [
    _group("a code below a range", None, _map("G40", "G42", "X"), icd10="G39.9"),
    _group("the first code of a range", "X", _map("G40", "G42", "X"), icd10="G40"),
    _group("the last subcode of a range", "X", _map("G40", "G42", "X"), icd10="G42.9"),
    _group("a code above a range", None, _map("G40", "G42", "X"), icd10="G43"),
    _group("longer bounds: within", "X", _map("G40.1", "G40.3", "X"), icd10="G40.39"),
    _group("longer bounds: below", None, _map("G40.1", "G40.3", "X"), icd10="G40.0"),
    _group("longer bounds: above", None, _map("G40.1", "G40.3", "X"), icd10="G40.4"),
    _group("a code shorter than its lower bound is below it", None, _map("G40.1", "G41", "X"), icd10="G40"),
    _group("a code shorter than its upper bound is within", "X", _map("G39", "G40.1", "X"), icd10="G40"),
    _group("a letter sorts after a digit", "X", _map("C7A", "C7B", "X"), icd10="C7A.1"),
    _group("the highest priority", "Y", _map("G40", "G40", "X", 1), _map("A00", "Z99", "Y", 2), icd10="G401"),
    _group(
        "a procedure asked before the narrower range", "Y",
        _map("G40", "G40", "X"), _map("A00", "Z99", "Y", procedure="01"), icd10="G401", procedures=["015"],
    ),
    _group(
        "a procedure asked and not met", "X",
        _map("G40", "G40", "X"), _map("A00", "Z99", "Y", 9, procedure="01"), icd10="G401", procedures=["0", "10", "2"],
        reasons=("IGNORED_VALUE",),
    ),
    _group("the narrowest range", "Y", _map("G00", "G99", "X"), _map("G39", "G41", "Y"), icd10="G401"),
    _group(
        "ranges that differ after the third character only are equally narrow", "X",
        _map("G40", "G40", "Y"), _map("G40.1", "G40.1", "X"), icd10="G401",
    ),
    _group(
        "a range over letters counts 360 steps a letter, 36 a digit", "X",
        # F9Z to G0A: 360·1 − 36·9 + (10 − 35) = 11 steps; G00 to G0C: 12 steps.
        _map("F9Z", "G0A", "X"), _map("G00", "G0C", "A"), icd10="G01",
    ),
    _group("the lowest code of two as narrow", "X10", _map("G40", "G41", "X9"), _map("G41", "G42", "X10"), icd10="G41"),
    _group("from 9 to the next 0 is 27 steps", "Y", _map("G39", "G40", "X"), _map("G40", "G4Q", "Y"), icd10="G40"),
    _group("the claimed group, if it is a candidate", "X", _map("G40", "G40", "X"), _map("A00", "Z99", "Y", 5),
           icd10="G401", drg_code="X"),
    _group("the claimed group is no candidate", "Y", _map("G50", "G50", "X"), _map("A00", "Z99", "Y"), icd10="G401",
           drg_code="X", reasons=("DRG_CORRECTED",)),
    _group("no group carries no correction", None, _map("G50", "G50", "X"), icd10="G401", drg_code="X"),
    _group("a paired diagnosis asked and met", "Y", _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1,
           paired_icd10="C77"), icd10="G401", icd10_secondary=["I10", "c77.9"]),
    _group("a paired diagnosis is not the primary one", "X", _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1,
           paired_icd10="C77"), icd10="C779", icd10_secondary=["I10"]),
    _group("a sex asked and met", "Y", _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, sex="f"), sex="f"),
    _group("an unknown sex meets only rows that ask for none", "X", _map("A00", "Z99", "X"),
           _map("A00", "Z99", "Y", 1, sex="f")),
    _group("an unknown age meets only rows that ask for none", "X", _map("A00", "Z99", "X"),
           _map("A00", "Z99", "Y", 1, age_from=0)),
    _group("the oldest age of a row", "Y", _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, age_to=17),
           birth_date=date(2006, 3, 2)),
    _group("a birthday too old", "X", _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, age_to=17),
           birth_date=date(2006, 3, 1)),
    _group("the youngest age of a row", "Y", _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, age_from=18),
           birth_date=date(2006, 3, 1)),
    _group("newborn", "Y", _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, age_to=0), birth_date=date(2024, 3, 1)),
    _group("born on 29 February: not yet 18 on 28 February", "X",
           _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, age_from=15),
           birth_date=date(2008, 2, 29), start_at=at("2023-02-28"), end_at=at("2023-03-05")),
    _group("born on 29 February: completes on 1 March in common years", "Y",
           _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, age_from=15),
           birth_date=date(2008, 2, 29), start_at=at("2023-03-01"), end_at=at("2023-03-05")),
    _group("born on 29 February: completes on 29 February in leap years", "Y",
           _map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, age_from=16), birth_date=date(2008, 2, 29),
           start_at=at("2024-02-29"), end_at=at("2024-03-05")),
]  # fmt: skip


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

PRICES = [
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
            "drg_map": _rows(_map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, sex="f", age_from=18)),
            "drgs": _prices("X", "Y"),
        },
    ),
    Case(
        "a malformed sex and a birth after the start are unknown in the insured, without a flag",
        [claim("A", "inpatient", "2024-03-01", "2024-03-05", sex="M", birth_date=date(2025, 1, 1))],
        {"A": paid(1_000, drg_code="X", reasons=["IGNORED_VALUE"])},
        insured=[person(sex="F", birth_date=date(2024, 3, 2))],
        tables={
            "drg_map": _rows(_map("A00", "Z99", "X"), _map("A00", "Z99", "Y", 1, sex="f"),
                             _map("A00", "Z99", "Z", 2, age_from=0)),
            "drgs": _prices("X", "Y", "Z"),
        },
    ),
]  # fmt: skip

PRICING = [*GROUPS, *PRICES]

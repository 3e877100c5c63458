"""Which group a claim finds: rules.md §2."""

from datetime import date

from tests.cases.case import Case, at, claim
from tests.cases.outcomes import denied, paid

ALWAYS = {"valid_from": "2008-01-01"}
STAY = ("inpatient", "2024-03-01", "2024-03-05")


def _rows(*rows: dict) -> list[dict]:
    return [ALWAYS | row for row in rows]


def takes(low: str, high: str, drg_code: str, priority: int = 0, **conditions: object) -> dict:
    ends = {"care_type": "inpatient", "icd10_from": low, "icd10_to": high}
    return {**ends, "drg_code": drg_code, "priority": priority, **conditions}


def drg_prices(*codes: str) -> list[dict]:
    return _rows(*({"drg_code": code, "care_type": "inpatient", "total_mnt": 1_000} for code in codes))


def _group(
    name: str, wanted: str | None, *rows: dict, reasons: tuple[str, ...] = (), **columns: object
) -> Case:
    """Which group a claim finds among these rows of `drg_map`; None: NO_DRG."""
    codes = sorted({row["drg_code"] for row in rows})
    found = denied("NO_DRG", drg_code=None, gross_mnt=0, deducted_mnt=0, tariff_period=None)
    expected = paid(1_000, drg_code=wanted, reasons=list(reasons)) if wanted else found
    tables = {"drg_map": _rows(*rows), "drgs": drg_prices(*codes)}
    return Case(name, [claim("A", *STAY, **columns)], {"A": expected}, tables=tables)


GROUPS = [
    _group("a code below a range", None, takes("G40", "G42", "X"), icd10="G39.9"),
    _group("the first code of a range", "X", takes("G40", "G42", "X"), icd10="G40"),
    _group("the last subcode of a range", "X", takes("G40", "G42", "X"), icd10="G42.9"),
    _group("a code above a range", None, takes("G40", "G42", "X"), icd10="G43"),
    _group("longer bounds: within", "X", takes("G40.1", "G40.3", "X"), icd10="G40.39"),
    _group("longer bounds: below", None, takes("G40.1", "G40.3", "X"), icd10="G40.0"),
    _group("longer bounds: above", None, takes("G40.1", "G40.3", "X"), icd10="G40.4"),
    _group("a code shorter than its lower bound is below it", None, takes("G40.1", "G41", "X"), icd10="G40"),
    _group("a code shorter than its upper bound is within", "X", takes("G39", "G40.1", "X"), icd10="G40"),
    _group("a letter sorts after a digit", "X", takes("C7A", "C7B", "X"), icd10="C7A.1"),
    _group("a row of the map that ended", "Y", takes("G40", "G40", "X", valid_to="2024-03-04"),
           takes("A00", "Z99", "Y"),           icd10="G40"),
    _group("a row of the map by the stay's last day", "X", takes("G40", "G40", "X", valid_from="2024-03-05"),
           takes("A00", "Z99", "Y"), icd10="G40"),
    _group("the highest priority", "Y", takes("G40", "G40", "X", 1), takes("A00", "Z99", "Y", 2), icd10="G401"),
    _group(
        "a procedure asked before the narrower range", "Y",
        takes("G40", "G40", "X"), takes("A00", "Z99", "Y", procedure="01"), icd10="G401", procedures=["015"],
    ),
    _group(
        "a procedure asked and not met", "X",
        takes("G40", "G40", "X"), takes("A00", "Z99", "Y", 9, procedure="01"), icd10="G401",
        procedures=["0", "10", "2"],
        reasons=("IGNORED_VALUE",),
    ),
    _group("the narrowest range", "Y", takes("G00", "G99", "X"), takes("G39", "G41", "Y"), icd10="G401"),
    _group(
        "ranges that differ after the third character only are equally narrow", "X",
        takes("G40", "G40", "Y"), takes("G40.1", "G40.1", "X"), icd10="G401",
    ),
    _group(
        "a range over letters counts 360 steps a letter, 36 a digit", "X",
        # F9Z to G0A: 360·1 − 36·9 + (10 − 35) = 11 steps; G00 to G0C: 12 steps.
        takes("F9Z", "G0A", "X"), takes("G00", "G0C", "A"), icd10="G01",
    ),
    _group("the lowest code of two as narrow", "X10", takes("G40", "G41", "X9"), takes("G41", "G42", "X10"),
           icd10="G41"),
    _group("from 9 to the next 0 is 27 steps", "Y", takes("G39", "G40", "X"), takes("G40", "G4Q", "Y"), icd10="G40"),
    _group("the claimed group, if it is a candidate", "X", takes("G40", "G40", "X"), takes("A00", "Z99", "Y", 5),
           icd10="G401", drg_code="X"),
    _group("the claimed group is no candidate", "Y", takes("G50", "G50", "X"), takes("A00", "Z99", "Y"), icd10="G401",
           drg_code="X", reasons=("DRG_CORRECTED",)),
    _group("no group carries no correction", None, takes("G50", "G50", "X"), icd10="G401", drg_code="X"),
    _group("a paired diagnosis asked and met", "Y", takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1,
           paired_icd10="C77"), icd10="G401", icd10_secondary=["I10", "c77.9"]),
    _group("a paired diagnosis is not the primary one", "X", takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1,
           paired_icd10="C77"), icd10="C779", icd10_secondary=["I10"]),
    _group("a sex asked and met", "Y", takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, sex="f"), sex="f"),
    _group("an unknown sex meets only rows that ask for none", "X", takes("A00", "Z99", "X"),
           takes("A00", "Z99", "Y", 1, sex="f")),
    _group("an unknown age meets only rows that ask for none", "X", takes("A00", "Z99", "X"),
           takes("A00", "Z99", "Y", 1, age_from=0)),
    _group("the oldest age of a row", "Y", takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, age_to=17),
           birth_date=date(2006, 3, 2)),
    _group("a birthday too old", "X", takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, age_to=17),
           birth_date=date(2006, 3, 1)),
    _group("the youngest age of a row", "Y", takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, age_from=18),
           birth_date=date(2006, 3, 1)),
    _group("newborn", "Y", takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, age_to=0),
           birth_date=date(2024, 3, 1)),
    _group("born on 29 February: not yet 18 on 28 February", "X",
           takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, age_from=15),
           birth_date=date(2008, 2, 29), start_at=at("2023-02-28"), end_at=at("2023-03-05")),
    _group("born on 29 February: completes on 1 March in common years", "Y",
           takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, age_from=15),
           birth_date=date(2008, 2, 29), start_at=at("2023-03-01"), end_at=at("2023-03-05")),
    _group("born on 29 February: completes on 29 February in leap years", "Y",
           takes("A00", "Z99", "X"), takes("A00", "Z99", "Y", 1, age_from=16), birth_date=date(2008, 2, 29),
           start_at=at("2024-02-29"), end_at=at("2024-03-05")),
]  # fmt: skip

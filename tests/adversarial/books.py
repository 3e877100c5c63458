"""Small tariff books in which everything changes: a folder and a seed in, a book that the strict loader takes out.

Prices, groups, ways of pricing, rule switches and rule parameters change on 15 December 2023 and 15 March 2024.
"""

import random
from pathlib import Path

from tests.adversarial.folder import Tables, write_folder
from tests.adversarial.rule_rows import PERIODS, rule_rows

BOOK_STARTS = PERIODS[0][0]


def write_adversarial_book(folder: Path, seed: int = 0) -> Path:
    """Seed 0 is the book of the examples; other seeds draw prices, switches and parameters anew."""
    rng = random.Random(seed)
    tables: Tables = {
        "care_types": _care_types(),
        "base_rates": _base_rates(rng),
        "drgs": _drgs(rng),
        "drg_map": _drg_map(),
        "items": _items(rng),
        "copay": _copay(rng),
        "exemptions": _exemptions(),
        "eligibility": _eligibility(),
        "rules": rule_rows(seed),
    }
    return write_folder(folder, f"adversarial-{seed}", tables)


def _always(row: dict) -> list[dict]:
    return [row | {"valid_from": BOOK_STARTS}]


def _by_period(row: dict, column: str, values: tuple) -> list[dict]:
    """One row a period, where `values` may be shorter than the periods: the key's life ends there."""
    return [
        row | {column: value, "valid_from": valid_from, "valid_to": valid_to}
        for value, (valid_from, valid_to) in zip(values, PERIODS, strict=False)
    ]


def _care_types() -> list[dict]:
    def row(care_type: str, priced_by: str, bundled_in: str = "", stay: bool = False) -> dict:
        return {"care_type": care_type, "priced_by": priced_by, "bundled_in": bundled_in, "stay": stay}

    stays = [
        row("inpatient", "drg", stay=True),
        row("palliative", "drg", "inpatient", stay=True),
        row("hospice", "item", "palliative|inpatient", stay=True),
    ]
    visits = [
        row("outpatient", "drg", "inpatient|palliative"),
        row("dental_outpatient", "drg"),
        row("high_cost_diagnostics", "item"),
        row("traditional", "item", "inpatient|day_treatment"),
        row("rehabilitation", "item", "inpatient|day_treatment"),
        row("sanatorium", "item"),
        row("radiotherapy_day", "item"),
        row("emergency", "item"),
    ]
    rows = [dated for one in stays + visits for dated in _always(one)]
    rows += _by_period(
        row("diagnostics", "item"), "bundled_in", ("inpatient", "inpatient|day_treatment", "hospice")
    )
    rows += _by_period(
        row("day_treatment", "drg"),
        "bundled_in",
        ("inpatient", "inpatient|chemotherapy_day", "inpatient|outpatient"),
    )
    rows += _by_period(row("chemotherapy_day", "item"), "priced_by", ("item", "drg", "item"))
    rows.append(row("telemedicine", "item") | {"valid_from": PERIODS[1][0], "valid_to": PERIODS[1][1]})
    return rows


def _base_rates(rng: random.Random) -> list[dict]:
    def row(care_type: str, level: str, ownership: str) -> dict:
        return {"care_type": care_type, "level": level, "ownership": ownership}

    rows = []
    for level, ownership in (("*", "*"), ("3", "*"), ("*", "private"), ("3", "private"), ("2", "state")):
        values = tuple(rng.randrange(100_001, 450_000, 7) for _ in PERIODS)
        rows += _by_period(row("inpatient", level, ownership), "base_mnt", values)
    rows += _by_period(row("outpatient", "*", "*"), "base_mnt", (9_000, 9_333, 12_001))
    rows += _by_period(row("palliative", "2", "*"), "base_mnt", (65_000, 65_000, 0))
    rows += _always(row("palliative", "1", "*") | {"base_mnt": 33_333})
    return rows


def _drgs(rng: random.Random) -> list[dict]:
    rows = []
    for drg_code in ("I1", "I10", "I2", "I4", "I6", "I7", "I8"):
        weights = tuple(rng.randrange(1, 30_000) for _ in PERIODS)
        rows += _by_period({"drg_code": drg_code, "care_type": "inpatient"}, "weight_e4", weights)
    rows += _by_period({"drg_code": "I3", "care_type": "inpatient"}, "total_mnt", (4_500_000, 4_600_001, 0))
    changing = {"drg_code": "I5", "care_type": "inpatient"}
    rows += _by_period(changing, "weight_e4", (12_345,))
    rows += [
        row | {"total_mnt": 777_777} for row in _by_period(changing, "weight_e4", (None, None, None))[1:]
    ]
    rows += _always({"drg_code": "I9", "care_type": "inpatient", "weight_e4": 0})
    rows += _by_period({"drg_code": "P1", "care_type": "palliative"}, "weight_e4", (10_000, 9_999, 5))
    rows += _by_period({"drg_code": "V1", "care_type": "outpatient"}, "weight_e4", (10_000, 10_500, 11_111))
    for drg_code, care_type, total_mnt in (
        ("V2", "outpatient", 15_000),
        ("V3", "outpatient", 9_999),
        ("D1", "day_treatment", 114_000),
        ("D2", "day_treatment", 150_000),
        ("T1", "dental_outpatient", 25_000),
        ("I1", "chemotherapy_day", 88_888),
    ):
        rows += _always({"drg_code": drg_code, "care_type": care_type, "total_mnt": total_mnt})
    return rows


def _drg_map() -> list[dict]:
    def row(
        care_type: str, low: str, high: str, drg_code: str, priority: int = 0, **conditions: object
    ) -> dict:
        ends = {"icd10_from": low, "icd10_to": high}
        return {"care_type": care_type, **ends, "drg_code": drg_code, "priority": priority, **conditions}

    inpatient = [
        row("inpatient", "A00", "Z99", "I1"),
        row("inpatient", "G40", "G42", "I2"),
        row("inpatient", "G40.1", "G40.9", "I10"),
        row("inpatient", "G00", "G99", "I4", procedure="01"),
        row("inpatient", "G40", "G80", "I3", 5, procedure="01.5"),
        row("inpatient", "C00", "C97", "I5", paired_icd10="C77"),
        row("inpatient", "O00", "O99", "I6", sex="f", age_from=15, age_to=49),
        row("inpatient", "J00", "J99", "I7", age_to=17),
        row("inpatient", "J00", "J99", "I8", age_from=60),
        row("inpatient", "J10", "J19", "I9"),
        row("inpatient", "J12", "J21", "I2"),
        row("inpatient", "A00", "Z9Z", "I9", -1, sex="m"),
    ]
    others = [
        row("palliative", "C00", "D48", "P1"),
        row("palliative", "A00", "Z99", "P1", age_from=1),
        row("outpatient", "A00", "Y98", "V1"),
        row("outpatient", "O00", "O99", "V3", sex="f"),
        row("day_treatment", "A00", "Z99", "D1"),
        row("day_treatment", "G40", "G40", "D2", procedure="0"),
        row("dental_outpatient", "K00", "K14", "T1"),
        row("chemotherapy_day", "C00", "C97", "I1"),
    ]
    rows = [dated for one in inpatient + others for dated in _always(one)]
    rows += [
        row("outpatient", "J00", "J99", "V2", 3) | {"valid_from": PERIODS[1][0], "valid_to": PERIODS[1][1]}
    ]
    rows += [row("outpatient", "I10", "I15", "V2") | {"valid_from": PERIODS[2][0]}]
    return rows


def _items(rng: random.Random) -> list[dict]:
    def row(care_type: str, service_code: str) -> dict:
        return {"care_type": care_type, "service_code": service_code}

    rows = []
    for code, values in {
        "HCV": (12_000, 20_000, 18_000),
        "HBV": (10_000, 10_000, 20_000),
        "BLOOD": (27_500, 30_000, 35_000),
        "*": (None, None, 7_000),
    }.items():
        rows += _by_period(row("diagnostics", code), "unit_mnt", values)
    rows += _by_period(row("high_cost_diagnostics", "CT"), "unit_mnt", (120_000, 120_000, 130_000))
    rows += _by_period(row("high_cost_diagnostics", "MRI"), "unit_mnt", (350_000, 350_000))
    rows += _by_period(row("high_cost_diagnostics", "HOLTER"), "unit_mnt", (50_000, None, 50_001))
    rows += _by_period(row("dental_outpatient", "FILL"), "unit_mnt", (8_000, 8_500, None))
    rows += _by_period(row("chemotherapy_day", "CHEMO"), "unit_mnt", (70_000, 71_000, 72_000))
    rows += _by_period(row("sanatorium", "*"), "unit_mnt", (260_000, 416_000, 414_000))
    for care_type, unit_mnt in (
        ("traditional", 8_000),
        ("rehabilitation", 5_001),
        ("hospice", 40_000),
        ("radiotherapy_day", 90_000),
        ("emergency", 35_000),
    ):
        rows += _always(row(care_type, "*") | {"unit_mnt": unit_mnt + rng.randrange(3)})
    rows.append(
        row("telemedicine", "*") | {"unit_mnt": 4_000, "valid_from": PERIODS[1][0], "valid_to": PERIODS[1][1]}
    )
    return rows


def _copay(rng: random.Random) -> list[dict]:
    def row(
        care_type: str, level: str = "*", drg_code: str = "*", service_code: str = "*", **rest: object
    ) -> dict:
        return {
            "care_type": care_type,
            "level": level,
            "drg_code": drg_code,
            "service_code": service_code,
            **rest,
        }

    def rates() -> tuple:
        return tuple(rng.randrange(0, 3_000, 5) for _ in PERIODS)

    rows = []
    for one in (
        row("inpatient"),
        row("inpatient", "3"),
        row("inpatient", "2", keeps_copay=True),
        row("inpatient", "3", "I2"),
        row("inpatient", "*", "I2", keeps_copay=True),
        row("outpatient"),
        row("outpatient", "*", "V3", keeps_copay=True),
        row("diagnostics", "3"),
        row("diagnostics", "*", "*", "BLOOD"),
        row("high_cost_diagnostics"),
        row("high_cost_diagnostics", "3", "*", "MRI"),
        row("dental_outpatient", "*", "*", "FILL"),
        row("dental_outpatient", "*", "T1"),
    ):
        rows += _by_period(one, "rate_bp", rates())
    rows += _by_period(row("inpatient", "*", "I3"), "fixed_mnt", (5_000_000, 500_000, 1))
    rows += _by_period(
        row("high_cost_diagnostics", "*", "*", "CT", keeps_copay=True), "fixed_mnt", (36_000, 0, 40_000)
    )
    rows += _by_period(row("traditional"), "fixed_mnt", (20_000, 1_000, 2_000))
    rows += _always(row("sanatorium", rate_bp=10_000))
    return rows


def _exemptions() -> list[dict]:
    rows = [dated for prefix in ("A", "B", "O8") for dated in _always({"kind": "icd10", "value": prefix})]
    rows += _always({"kind": "category", "value": "child"})
    rows.append({"kind": "category", "value": "pensioner", "valid_from": PERIODS[1][0]})
    rows.append({"kind": "icd10", "value": "J18", "valid_from": PERIODS[2][0]})
    return rows


def _eligibility() -> list[dict]:
    care_types = sorted({row["care_type"] for row in _care_types()} - {"telemedicine"})
    rows = []
    for care_type in care_types:
        for facility_type, ownership, needs_contract in (
            ("15.1.1", "state", (False, False)),
            ("15.1.2", "state", (False, True)),
            ("15.1.2", "private", (True, False)),
        ):
            if (facility_type, ownership, care_type) == ("15.1.2", "private", "inpatient"):
                continue
            row = {"facility_type": facility_type, "ownership": ownership, "care_type": care_type}
            rows += _by_period(row, "needs_contract", (None, *needs_contract))[1:]
    rows.append(
        {
            "facility_type": "15.1.1",
            "ownership": "state",
            "care_type": "telemedicine",
            "needs_contract": False,
        }
        | {"valid_from": PERIODS[1][0], "valid_to": PERIODS[1][1]}
    )
    return rows

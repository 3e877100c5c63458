"""The small tariff book behind the cases: every rule off until a case turns it on.

All of it starts in 2008, but for the care type `emergency`, which was always there and had no price before.
"""

from pathlib import Path

from tests.adversarial.folder import Tables, write_folder

START = "2008-01-01"
Rules = dict[str, dict[str, object]]
"""Rule → parameter → value, or → a list of (valid_from, valid_to, value) where it changes."""


def _care_type(care_type: str, priced_by: str, stay: bool = False, bundled_in: str = "") -> dict:
    return {"care_type": care_type, "priced_by": priced_by, "stay": stay, "bundled_in": bundled_in}


def _item(care_type: str, service_code: str, unit_mnt: int | None) -> dict:
    return {"care_type": care_type, "service_code": service_code, "unit_mnt": unit_mnt}


def _map(care_type: str, drg_code: str, low: str = "A00", high: str = "Z99", **conditions: object) -> dict:
    return {"care_type": care_type, "drg_code": drg_code, "icd10_from": low, "icd10_to": high, **conditions}


def _copay(care_type: str, level: str = "*", **rest: object) -> dict:
    return {"care_type": care_type, "level": level, "drg_code": "*", "service_code": "*", **rest}


def base_tables() -> Tables:
    """Prices that are easy to add up: inpatient G40–G42 is the group of the worked cases."""
    tables = {
        "care_types": [
            _care_type("inpatient", "drg", stay=True),
            _care_type("palliative", "drg", stay=True, bundled_in="inpatient"),
            _care_type("day_treatment", "drg", bundled_in="inpatient"),
            _care_type("outpatient", "drg", bundled_in="inpatient"),
            _care_type("diagnostics", "item", bundled_in="inpatient|day_treatment"),
            _care_type("high_cost_diagnostics", "item"),
            _care_type("traditional", "item", bundled_in="inpatient|day_treatment"),
            _care_type("rehabilitation", "item", bundled_in="inpatient|day_treatment"),
            _care_type("sanatorium", "item"),
            _care_type("chemotherapy_day", "item"),
            _care_type("emergency", "item") | {"valid_from": None},
        ],
        "base_rates": [
            {"care_type": "inpatient", "level": "*", "ownership": "*", "base_mnt": 450_000},
            {"care_type": "palliative", "level": "*", "ownership": "*", "base_mnt": 65_000},
        ],
        "drgs": [
            {"drg_code": "14221", "care_type": "inpatient", "weight_e4": 11_773},
            {"drg_code": "14000", "care_type": "inpatient", "weight_e4": 10_000},
            {"drg_code": "P1", "care_type": "palliative", "weight_e4": 10_000},
            {"drg_code": "V1", "care_type": "outpatient", "total_mnt": 9_000},
            {"drg_code": "D1", "care_type": "day_treatment", "total_mnt": 114_000},
        ],
        "drg_map": [
            _map("inpatient", "14221", "G40", "G42"),
            _map("inpatient", "14000"),
            _map("palliative", "P1"),
            _map("outpatient", "V1"),
            _map("day_treatment", "D1"),
        ],
        "items": [
            _item("diagnostics", "T10", 10_000),
            _item("diagnostics", "T20", 20_000),
            _item("diagnostics", "T30", 30_000),
            _item("diagnostics", "T40", 40_000),
            _item("diagnostics", "T60", 60_000),
            _item("diagnostics", "*", None),
            _item("high_cost_diagnostics", "CT", 120_000),
            _item("high_cost_diagnostics", "MRI", 350_000),
            _item("traditional", "*", 8_000),
            _item("rehabilitation", "*", 5_000),
            _item("sanatorium", "*", 260_000),
            _item("chemotherapy_day", "*", 70_000),
            _item("emergency", "*", 35_000),
        ],
        "copay": [_copay("inpatient", "3", rate_bp=1_500), _copay("inpatient", "2", rate_bp=1_000)],
        "exemptions": [{"kind": "category", "value": "child"}, {"kind": "icd10", "value": "A"}],
    }
    return {table: [{"valid_from": START, **row} for row in rows] for table, rows in tables.items()}


def rule_rows(rules: Rules) -> list[dict]:
    """The rows of `rules.csv`: a rule that is named is enabled unless it says otherwise."""
    rows = []
    for rule, parameters in rules.items():
        for parameter, value in {"enabled": True, **parameters}.items():
            periods = value if isinstance(value, list) else [(START, None, value)]
            for valid_from, valid_to, one in periods:
                rows.append(
                    {"rule": rule, "parameter": parameter, "value": one}
                    | {"valid_from": valid_from, "valid_to": valid_to}
                )
    return rows


def write_case_book(folder: Path, rules: Rules, changes: Tables) -> Path:
    """The base book with these rules; a table in `changes` replaces the base book's."""
    return write_folder(folder, "case-book", {**base_tables(), **changes, "rules": rule_rows(rules)})

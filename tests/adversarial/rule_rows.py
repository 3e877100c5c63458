"""Every rule with every parameter, by period: a seed in, the rows of `rules.csv` out."""

import random

PERIODS = (("2021-01-01", "2023-12-14"), ("2023-12-15", "2024-03-14"), ("2024-03-15", None))
"""They change in the middle of a month, and the middle one holds a year's end and a 29 February."""

POOLS: dict[str, dict[str, tuple]] = {
    "ELIGIBILITY": {},
    "COVERAGE": {"exempt_care_types": ("emergency", "", "emergency|palliative")},
    "ORDER_REQUIRED": {
        "care_types": ("", "radiotherapy_day", "radiotherapy_day|sanatorium"),
        "service_codes": ("HOLTER", "HOLTER|CT", ""),
    },
    "EXACT_DUPLICATE": {},
    "WARD_TRANSFER": {"gap_hours": (0, 12, 24)},
    "MINIMUM_STAY": {"hours": (24, 24, 12)},
    "BUNDLED_IN_STAY": {
        "boundary": ("days", "inner_days", "time"),
        "exempt_long": ("traditional|rehabilitation", "", "traditional"),
    },
    "REPEAT_VISIT": {
        "care_types": ("outpatient", "outpatient|dental_outpatient", "outpatient"),
        "same_cabinet": ("each_visit", "one_per_month", "each_visit"),
        "icd10_chars": ("", 3, 4),
    },
    "POSITIVE_ALREADY": {"service_codes": ("HCV|HBV", "HCV", "HCV|HBV|BLOOD")},
    "REPEAT_TEST": {
        "care_types": ("diagnostics|high_cost_diagnostics", "high_cost_diagnostics", "diagnostics"),
    },
    "REHAB_SESSIONS": {"sessions": (7, 5, 7)},
    "ONCE_A_YEAR": {"care_types": ("sanatorium", "sanatorium|emergency", "sanatorium")},
    "DIAGNOSTICS_CAP": {"month_mnt": (55_000, 40_000, 60_000), "quarter_mnt": (165_000, 90_000, 120_000)},
    "VISIT_COPAY": {"rates_bp": ("0|3000|5000|7000", "1000", "0|2500")},
    "YEAR_LIMIT": {"limit_mnt": (2_000_000, 1_800_000, 900_000)},
    "OVERLAPPING_STAY": {},
    "VISIT_TOO_SHORT": {"minutes": (10, 5, 10)},
    "SUSPECT_DUPLICATE": {},
    "PAIRED_DIAGNOSIS_MISSING": {
        "care_types": ("chemotherapy_day|radiotherapy_day", "chemotherapy_day", "radiotherapy_day"),
    },
}
_OFF_AT_SEED_0 = {
    ("EXACT_DUPLICATE", 0),
    ("REPEAT_TEST", 0),
    ("VISIT_COPAY", 0),
    ("YEAR_LIMIT", 0),
    ("BUNDLED_IN_STAY", 0),
    ("WARD_TRANSFER", 2),
    ("COVERAGE", 2),
    ("ORDER_REQUIRED", 0),
    ("DIAGNOSTICS_CAP", 2),
    ("OVERLAPPING_STAY", 0),
    ("SUSPECT_DUPLICATE", 2),
    ("ELIGIBILITY", 0),
    ("VISIT_TOO_SHORT", 0),
    ("POSITIVE_ALREADY", 2),
    ("ONCE_A_YEAR", 0),
    ("REHAB_SESSIONS", 2),
    ("MINIMUM_STAY", 2),
    ("REPEAT_VISIT", 0),
    ("PAIRED_DIAGNOSIS_MISSING", 0),
}


def rule_rows(seed: int) -> list[dict]:
    """Seed 0 takes each pool in order and switches some rules off for a period; others draw both."""
    rng = random.Random(seed)
    rows = []
    for rule, parameters in POOLS.items():
        for period, (valid_from, valid_to) in enumerate(PERIODS):
            enabled = (rule, period) not in _OFF_AT_SEED_0 if seed == 0 else rng.random() < 0.8
            values = {"enabled": enabled}
            for parameter, pool in parameters.items():
                values[parameter] = pool[period] if seed == 0 else rng.choice(pool)
            rows += [
                {"rule": rule, "parameter": p, "value": v, "valid_from": valid_from, "valid_to": valid_to}
                for p, v in values.items()
            ]
    return rows

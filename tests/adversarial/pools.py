"""The few values that adversarial claims are drawn from, so that keys meet often."""

from datetime import date, datetime, time, timedelta

CARE_TYPES = {
    "inpatient": 22,
    "palliative": 6,
    "hospice": 5,
    "outpatient": 16,
    "diagnostics": 20,
    "high_cost_diagnostics": 7,
    "day_treatment": 7,
    "dental_outpatient": 4,
    "traditional": 6,
    "rehabilitation": 8,
    "sanatorium": 4,
    "chemotherapy_day": 4,
    "radiotherapy_day": 3,
    "emergency": 3,
    "telemedicine": 2,
}
"""Care type → how often."""
STAYS = ("inpatient", "palliative", "hospice")
SERVICES = {
    "diagnostics": ("HCV", "HBV", "BLOOD", "XRAY", None, "HCV"),
    "high_cost_diagnostics": ("CT", "MRI", "HOLTER", "CT"),
    "dental_outpatient": ("FILL", None, "CROWN"),
    "chemotherapy_day": ("CHEMO", None, "CHEMO"),
    "radiotherapy_day": ("LINAC", None),
    "sanatorium": ("SPA", None),
}
DIAGNOSES = {
    "palliative": ("C509", "D481", "I10", "C349"),
    "dental_outpatient": ("K021", "K029", "I10"),
    "chemotherapy_day": ("C509", "C349", "D509"),
    "radiotherapy_day": ("C509", "D509", "I10"),
}
COMMON_DIAGNOSES = (
    "I10", "I639", "g40.1", "G40", "G40 .9", "G428", "G809", "C50.9", "A099", "O80", "O821", "J12", "J181", "J20",
    "Z99", "Z995", "K35X", "F03",
)  # fmt: skip
SECONDARY = (None, None, [], ["C77.0"], ["I10"], ["C509", None], ["i10", "C770"], ["E119"])
PROCEDURES = (None, None, [], ["01.5"], ["0159", "8901"], ["8901", "0159"], ["03.1"], [None, "01"], ["99"])
DRGS = (None, None, None, None, "I2", "I1", "I10", "V1", "V2", "D1", "P1", "XX")
MALFORMED_CODES = ("", "12", "G4", "G40.12345", "ж40", "?", "G4O!", ".")
DEPARTMENTS = ("w1", "w2", "w1", None, "w1", "w2", "w1 ")
SPECIALTIES = ("s1", "s1", "s2", None)
SITES = (None, None, "11", "left")
QUANTITIES = (None, 1, 1, 2, 0, 3, 4)
SESSIONS = (3, 4, 2, 5, 7, None, 0)
BILLED = (None, None, 0, 9_000, 260_000, 529_785, 20_000)
SEXES = ("m", "f", None)
BIRTHS = (
    None,
    date(2008, 2, 29),
    date(2006, 3, 1),
    date(1964, 2, 29),
    date(2024, 1, 1),
    date(1974, 12, 31),
    date(1988, 7, 1),
)
EXEMPTIONS = (None, None, None, "child", "pensioner", "unknown")
RESULTS = (None, "negative", "positive", "negative")

DAYS = (
    *(date(2023, 12, day) for day in (10, 13, 14, 15, 16, 29, 30, 31)),
    *(date(2024, 1, day) for day in (1, 2, 3, 31)),
    *(date(2024, 2, day) for day in (1, 26, 27, 28, 29)),
    *(date(2024, 3, day) for day in (1, 2, 3, 12, 13, 14, 15, 16, 17, 30, 31)),
    *(date(2024, 4, day) for day in (1, 2)),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2022, 6, 30),
)
TIMES = (time(0), time(8), time(8, 5), time(10), time(23, 59, 59))
STAY_LENGTHS = (
    timedelta(0),
    timedelta(hours=24),
    timedelta(hours=24, seconds=-1),
    timedelta(hours=24, seconds=1),
    timedelta(hours=12),
    timedelta(days=2),
    timedelta(days=3),
    timedelta(days=3),
    timedelta(days=5),
    timedelta(days=8),
    timedelta(days=20),
)
VISIT_LENGTHS = (
    timedelta(0),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(hours=25),
    timedelta(days=2),
)
SUBMISSIONS = tuple(map(datetime.fromisoformat, ("2024-04-05", "2024-04-05 12:00", "2024-01-05")))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0))


def diagnoses(care_type: str) -> tuple[str, ...]:
    return DIAGNOSES.get(care_type, COMMON_DIAGNOSES)


def claim_id(number: int, ids: str) -> str | int:
    """Ids whose order is not that of their numbers: `c10` before `c9`, Cyrillic after Latin, negative integers."""
    if ids == "int64":
        return (number + 2**53 + 1) * (-1) ** number
    return f"{('c', 'C', 'ш')[number % 3]}{number}"


def insured_id(number: int, ids: str) -> str | int:
    return (number - 1) * (2**40 + 3) if ids == "int64" else f"p{number}"

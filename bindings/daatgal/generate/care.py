"""How each care type looks: how often, how many claims at a time, how long, at what hour, with which diagnoses.

In: nothing. Out: one `CareModel` a care type. Shares and lengths follow the sizing of the domain notes (about 5 %
inpatient, stays of 7–8 days, visits of 10–40 minutes) and are otherwise made up.
"""

from __future__ import annotations

from typing import NamedTuple

DAY_S = 86_400
MINUTE_S = 60


class Length(NamedTuple):
    """A lognormal length of service in seconds."""

    median_s: float
    sigma: float
    low_s: float
    high_s: float


class CareModel(NamedTuple):
    """One care type's habits."""

    share: float
    """of all claims"""
    counts: tuple[float, ...]
    """weights of 1, 2, 3 … claims in one episode"""
    gap_days: int
    """about how many days lie between the claims of an episode; 0: one day"""
    length: Length
    hours: str
    """office | admission | clock"""
    specialties: dict[str, float]
    quantity: int
    """the most that one claim counts"""


_ALL = {
    "family_medicine": 6.0,
    "cardiology": 9.0,
    "pulmonology": 5.0,
    "gastroenterology": 8.0,
    "endocrinology": 5.0,
    "neurology": 7.0,
    "surgery": 5.0,
    "traumatology": 6.0,
    "gynaecology": 6.0,
    "obstetrics": 7.0,
    "paediatrics": 10.0,
    "neonatology": 2.0,
    "ophthalmology": 6.0,
    "otolaryngology": 6.0,
    "dermatology": 5.0,
    "nephrology": 4.0,
    "urology": 2.0,
    "oncology": 3.0,
    "infectious_diseases": 2.0,
    "psychiatry": 2.0,
    "geriatrics": 1.0,
    "rheumatology": 5.0,
}
_WARDS = _ALL | {
    "family_medicine": 1.0,
    "obstetrics": 14.0,
    "surgery": 10.0,
    "ophthalmology": 2.0,
    "dermatology": 1.5,
    "neonatology": 4.0,
}
_PRIMARY = {
    "family_medicine": 20.0,
    "paediatrics": 8.0,
    "obstetrics": 2.0,
    "cardiology": 2.0,
    "geriatrics": 1.0,
}
_SENSES_AND_JOINTS = {
    "rheumatology": 8.0,
    "neurology": 8.0,
    "cardiology": 3.0,
    "traumatology": 3.0,
    "gastroenterology": 2.0,
}

CARE_MODELS: dict[str, CareModel] = {
    "inpatient": CareModel(
        0.052,
        (0.86, 0.11, 0.03),
        0,
        Length(7.2 * DAY_S, 0.5, 1.3 * DAY_S, 90 * DAY_S),
        "admission",
        _WARDS,
        1,
    ),
    "outpatient": CareModel(
        0.42,
        (0.78, 0.17, 0.05),
        8,
        Length(19 * MINUTE_S, 0.33, 5 * MINUTE_S, 60 * MINUTE_S),
        "office",
        _ALL,
        1,
    ),
    "diagnostics": CareModel(
        0.26,
        (0.32, 0.26, 0.2, 0.11, 0.06, 0.03, 0.015, 0.005),
        0,
        Length(12 * MINUTE_S, 0.4, 4 * MINUTE_S, 60 * MINUTE_S),
        "office",
        _ALL,
        1,
    ),
    "primary": CareModel(
        0.07, (0.85, 0.15), 6, Length(15 * MINUTE_S, 0.3, 10 * MINUTE_S, 45 * MINUTE_S), "office", _PRIMARY, 1
    ),
    "dental_outpatient": CareModel(
        0.032,
        (0.6, 0.3, 0.1),
        6,
        Length(32 * MINUTE_S, 0.35, 12 * MINUTE_S, 120 * MINUTE_S),
        "office",
        {"dentistry": 1.0},
        1,
    ),
    "high_cost_diagnostics": CareModel(
        0.026,
        (0.93, 0.07),
        0,
        Length(28 * MINUTE_S, 0.35, 10 * MINUTE_S, 120 * MINUTE_S),
        "office",
        _WARDS,
        1,
    ),
    "day_treatment": CareModel(
        0.04, (0.95, 0.05), 9, Length(4.6 * DAY_S, 0.45, 0.12 * DAY_S, 14 * DAY_S), "office", _ALL, 1
    ),
    "traditional": CareModel(
        0.024,
        (0.3, 0.25, 0.2, 0.15, 0.1),
        3,
        Length(50 * MINUTE_S, 0.3, 20 * MINUTE_S, 180 * MINUTE_S),
        "office",
        _SENSES_AND_JOINTS,
        10,
    ),
    "rehabilitation": CareModel(
        0.03,
        (0.25, 0.25, 0.2, 0.2, 0.1),
        3,
        Length(45 * MINUTE_S, 0.3, 20 * MINUTE_S, 180 * MINUTE_S),
        "office",
        _SENSES_AND_JOINTS,
        10,
    ),
    "sanatorium": CareModel(
        0.004, (1.0,), 0, Length(8.5 * DAY_S, 0.12, 6 * DAY_S, 12 * DAY_S), "admission", _SENSES_AND_JOINTS, 1
    ),
    "palliative": CareModel(
        0.004,
        (0.9, 0.1),
        0,
        Length(9 * DAY_S, 0.4, 1.5 * DAY_S, 40 * DAY_S),
        "admission",
        {"oncology": 8.0, "neurology": 1.0},
        1,
    ),
    "high_cost_device": CareModel(
        0.004,
        (1.0,),
        0,
        Length(40 * MINUTE_S, 0.3, 15 * MINUTE_S, 180 * MINUTE_S),
        "office",
        {"traumatology": 6.0, "otolaryngology": 1.0},
        2,
    ),
    "chemotherapy_day": CareModel(
        0.006, (0.5, 0.35, 0.15), 9, Length(4 * 3600, 0.3, 3600, 9 * 3600), "office", {"oncology": 1.0}, 1
    ),
    "radiotherapy_day": CareModel(
        0.005,
        (0.2, 0.2, 0.2, 0.2, 0.2),
        1,
        Length(40 * MINUTE_S, 0.3, 15 * MINUTE_S, 120 * MINUTE_S),
        "office",
        {"oncology": 1.0},
        1,
    ),
    "sport": CareModel(
        0.004,
        (0.7, 0.3),
        5,
        Length(75 * MINUTE_S, 0.2, 40 * MINUTE_S, 150 * MINUTE_S),
        "office",
        {"family_medicine": 1.0},
        8,
    ),
    "emergency": CareModel(
        0.019,
        (1.0,),
        0,
        Length(55 * MINUTE_S, 0.6, 15 * MINUTE_S, 600 * MINUTE_S),
        "clock",
        {
            "traumatology": 9.0,
            "family_medicine": 4.0,
            "cardiology": 5.0,
            "paediatrics": 5.0,
            "neurology": 4.0,
            "surgery": 3.0,
        },
        1,
    ),
}

LONG_THERAPY = frozenset({"traditional", "rehabilitation"})
"""Care types that a patient may also lie in hospital for."""
LONG_THERAPY_SHARE = 0.25
LONG_THERAPY_LENGTH = Length(8 * DAY_S, 0.25, 4 * DAY_S, 16 * DAY_S)

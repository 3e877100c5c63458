"""The kinds of anomaly put into real claims, as the generator puts them into its own.

In: claims of a night, how many to make, a random generator, what the book pays for a diagnosis. Out: `Injected`.
Half of the kinds change claims, half add copies of real ones; a function of its arguments alone.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from benchmarks.quality.rows import DAY_S, I64, Injected, at_times, copied, edited, seconds, texts

VISITS_A_DAY, TESTS_TOGETHER, FACILITIES_A_DAY, GROWTH_DAYS = 6, 8, 4, 10
DEAREST = 6
WORTH_IT = 1.25
CHILD_AGES = (4, 12)
SMALL_CLAIMS = 10
"""A facility that has fewer claims in the night, but has some."""


class Prices(NamedTuple):
    """What is known of money: by (care type, diagnosis) what the book pays; the tests it lists, with their prices."""

    paid_mnt: dict[tuple[str, str], int]
    tests_mnt: dict[str, int]


class Night(NamedTuple):
    """Where anomalies are put."""

    claims: pa.Table
    prices: Prices


Maker = Callable[[Night, int, np.random.Generator], Injected]


def upcoding(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """A facility with enough claims has some grouped by the dearest diagnoses of the same ICD-10 letter."""
    claims, paid = night.claims, night.prices.paid_mnt
    care, icd10, facility = (texts(claims, name) for name in ("care_type", "icd10", "facility_id"))
    dear = [_dearest(paid, *pair) for pair in zip(care, icd10, strict=True)]
    fits = np.array([bool(codes) for codes in dear])
    names, sizes = np.unique(facility[fits], return_counts=True)
    enough = names[sizes >= min(2 * count, sizes.max())]
    rows = _choose(draw, fits & (facility == enough[draw.integers(enough.size)]), count)
    codes = [dear[row][draw.integers(len(dear[row]))] for row in rows]
    ratio = [
        paid[care[row], code] / paid[care[row], icd10[row]] for row, code in zip(rows, codes, strict=True)
    ]
    billed = claims["billed_mnt"].to_numpy()[rows] * np.array(ratio)
    values = {"icd10": codes, "procedures": [[] for _ in rows], "billed_mnt": billed.astype(np.int64)}
    return edited(claims, rows, values)


def _dearest(paid: dict[tuple[str, str], int], care: str, icd10: str) -> list[str]:
    """The diagnoses of the same letter that pay WORTH_IT times as much, the DEAREST of them."""
    own = paid.get((care, icd10), 0)
    others = [
        (-mnt, code)
        for (of_care, code), mnt in paid.items()
        if of_care == care and code[0] == icd10[0] and own > 0 and mnt >= WORTH_IT * own
    ]
    return [code for _, code in sorted(others)[:DEAREST]]


def phantom_visits(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """Six more visits of one insured at one facility on one day, to several doctors for several illnesses."""
    claims, facility = night.claims, texts(night.claims, "facility_id")
    visits = _visits(night)
    rows = np.repeat(_choose(draw, visits, count // VISITS_A_DAY), VISITS_A_DAY)
    doctor, icd10 = texts(claims, "department_id"), texts(claims, "icd10")
    doctors = [draw.choice(doctor[(facility == facility[row]) & visits]) for row in rows]
    start_s = (
        seconds(claims, "start_at")[rows] // DAY_S * DAY_S + 30_600 + draw.integers(96, size=rows.size) * 300
    )
    return copied(
        claims,
        rows,
        "phantom",
        at_times(start_s, 660 + draw.integers(900, size=rows.size))
        | {
            "department_id": doctors,
            "practitioner_id": doctors,
            "icd10": draw.choice(icd10[visits], rows.size),
        },
    )


def unbundled_tests(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """Seven more tests beside one, minutes apart: a panel claimed as eight."""
    claims = night.claims
    rows = _choose(draw, texts(claims, "care_type") == "diagnostics", count // TESTS_TOGETHER)
    rows = np.repeat(rows, TESTS_TOGETHER)
    turn = np.arange(rows.size) % TESTS_TOGETHER
    known = sorted(night.prices.tests_mnt)
    own = [known.index(code) for code in texts(claims, "service_code")[rows]]
    codes = [known[(place + 1 + step) % len(known)] for place, step in zip(own, turn, strict=True)]
    start_s = seconds(claims, "start_at")[rows] + turn * 120
    return copied(
        claims,
        rows,
        "unbundled",
        at_times(start_s, 240)
        | {"service_code": codes, "billed_mnt": [night.prices.tests_mnt[code] for code in codes]},
    )


def stretched_stay(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """A stay made to last a few minutes over 24 hours."""
    claims = night.claims
    rows = _choose(draw, texts(claims, "care_type") == "inpatient", count)
    length_s = DAY_S + 60 + draw.integers(20, size=rows.size) * 60
    return edited(claims, rows, at_times(seconds(claims, "start_at")[rows], length_s))


def impossible_volume(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """One doctor sees `count` people more on one day, whose visits elsewhere were real."""
    claims = night.claims
    doctors = texts(claims, "practitioner_id")
    rows = _choose(draw, _visits(night) & (doctors != np.array(None)), count)
    model = rows[0]
    day_s = seconds(claims, "start_at")[model] // DAY_S * DAY_S
    start_s = day_s + 28_800 + np.arange(rows.size) * (39_600 // rows.size)
    same = {
        name: [claims[name][int(model)].as_py()] * rows.size
        for name in ("facility_id", "department_id", "practitioner_id")
    }
    return copied(claims, rows, "volume", at_times(start_s, 600) | same)


def diagnosis_mismatch(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """An illness of grown-ups in a child: the source has no children, and its diagnoses do not follow the sex."""
    claims = night.claims
    rows = _choose(draw, texts(claims, "care_type") != "diagnostics", count)
    age_days = draw.integers(CHILD_AGES[0] * 365, CHILD_AGES[1] * 365, size=rows.size)
    birth = seconds(claims, "start_at")[rows] // DAY_S - age_days
    return edited(claims, rows, {"birth_date": birth.astype("M8[D]")})


def across_facilities(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """One visit billed by four other facilities on the same day."""
    claims = night.claims
    rows = np.repeat(_choose(draw, _visits(night), count // FACILITIES_A_DAY), FACILITIES_A_DAY)
    turn = np.arange(rows.size) % FACILITIES_A_DAY
    day_s = seconds(claims, "start_at")[rows] // DAY_S * DAY_S
    places, doctors = texts(claims, "facility_id"), texts(claims, "department_id")
    first = draw.permutation(np.unique(places, return_index=True)[1])
    begin = draw.integers(first.size, size=rows.size // FACILITIES_A_DAY).repeat(FACILITIES_A_DAY)
    other = first[(begin + turn) % first.size]
    length_s = np.minimum(seconds(claims, "end_at") - seconds(claims, "start_at"), 3600)[rows]
    return copied(
        claims,
        rows,
        "across",
        at_times(day_s + 32_400 + turn * 5400, length_s)
        | {"facility_id": places[other], "department_id": doctors[other], "practitioner_id": doctors[other]},
    )


def sudden_growth(night: Night, count: int, draw: np.random.Generator) -> Injected:
    """A small facility has `count` visits more in the last ten days, of people who were elsewhere."""
    claims = night.claims
    places, doctors = texts(claims, "facility_id"), texts(claims, "department_id")
    names, sizes = np.unique(places[_visits(night)], return_counts=True)
    small = names[sizes <= max(SMALL_CLAIMS, sizes.min())]
    chosen = small[draw.integers(small.size)]
    rows = _choose(draw, _visits(night) & (places != chosen), count)
    start_s, end_s = seconds(claims, "start_at"), seconds(claims, "end_at")
    last = start_s.max() // DAY_S
    moved_s = (last - draw.integers(GROWTH_DAYS, size=rows.size)) * DAY_S + start_s[rows] % DAY_S
    own = draw.choice(doctors[places == chosen], rows.size)
    return copied(
        claims,
        rows,
        "growth",
        at_times(moved_s, np.minimum(end_s - start_s, 3600)[rows])
        | {"facility_id": [chosen] * rows.size, "department_id": own, "practitioner_id": own},
    )


MAKERS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        upcoding,
        phantom_visits,
        unbundled_tests,
        stretched_stay,
        impossible_volume,
        diagnosis_mismatch,
        across_facilities,
        sudden_growth,
    )
}


def _visits(night: Night) -> np.ndarray:
    return texts(night.claims, "care_type") == "outpatient"


def _choose(draw: np.random.Generator, fits: np.ndarray, count: int) -> I64:
    """At most `count` of the rows that fit, ascending."""
    candidates = np.flatnonzero(fits)
    return np.sort(draw.choice(candidates, min(count, candidates.size), replace=False))

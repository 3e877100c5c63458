"""The facilities and the insured that adversarial claims name: periods, gaps, contracts, deaths, births."""

import random
from datetime import date, timedelta

from tests.adversarial import pools

FACILITY_IDS = ("F1", "F2", "F1", "F2", "F3", "F3", "F4", "F5", "F6")


def _facility(
    facility_id: str, level: int, facility_type: str | None, ownership: str, **columns: object
) -> dict:
    row = {
        "facility_id": facility_id,
        "name": f"Facility {facility_id}",
        "level": level,
        "ownership": ownership,
        "facility_type": facility_type,
        "aimag": "Улаанбаатар",
        "contracted_care_types": None,
        "contract_from": None,
        "contract_to": None,
        "valid_from": date(2021, 1, 1),
        "valid_to": None,
    }
    return row | columns


def facilities() -> list[dict]:
    """F1 is plain; F2 and F3 change; F4 has gaps; F5 lacks what a contract needs; F6 is nearly a stranger."""
    most = sorted(set(pools.CARE_TYPES) - {"sanatorium", "telemedicine"})
    return [
        _facility("F1", 3, "15.1.1", "state"),
        _facility("F2", 2, "15.1.1", "state", valid_to=date(2024, 3, 14)),
        _facility("F2", 3, "15.1.1", "state", valid_from=date(2024, 3, 15)),
        _facility("F3", 2, "15.1.2", "state", contracted_care_types=most, valid_to=date(2023, 12, 31)),
        _facility("F3", 2, "15.1.2", "private", contracted_care_types=most, valid_from=date(2024, 1, 1)),
        _facility("F4", 1, "15.1.1", "state", valid_to=date(2024, 1, 31)),
        _facility("F4", 2, "15.1.1", "state", valid_from=date(2024, 3, 1), valid_to=date(2024, 3, 31)),
        _facility(
            "F5", 3, "15.1.2", "private", contract_from=date(2024, 2, 29), contract_to=date(2024, 3, 31),
        ),
        _facility("F6", 1, None, "state", contracted_care_types=["outpatient"], contract_from=date(2023, 12, 31)),
    ]  # fmt: skip


def insured(people: int, seed: int, ids: str = "string") -> list[dict]:
    """One to three periods a person, some with gaps, some dead, some never covered (and so without a row)."""
    rng = random.Random(f"insured {seed}")
    rows = []
    for number in range(people):
        if number % 11 == 10:
            continue
        ends = rng.choice(
            (
                ((date(2020, 1, 1), None),),
                ((date(2020, 1, 1), date(2023, 12, 31)), (date(2024, 1, 1), None)),
                ((date(2020, 1, 1), date(2024, 1, 2)), (date(2024, 2, 28), date(2024, 3, 14))),
                ((date(2023, 12, 14), date(2024, 3, 31)),),
                ((None, None),),
            )
        )
        death = rng.choice((None, None, None, date(2024, 3, 13)))
        for covered_from, covered_to in ends:
            rows.append(
                {
                    "insured_id": pools.insured_id(number, ids),
                    "covered_from": covered_from,
                    "covered_to": covered_to,
                    "death_date": death,
                    "sex": rng.choice((*pools.SEXES, "x")),
                    "birth_date": rng.choice((*pools.BIRTHS, date(2024, 3, 1) + timedelta(days=13))),
                    "exemption": rng.choice(pools.EXEMPTIONS),
                }
            )
    return rows

"""Nights as the score meets them: plain rows in, a `JudgedNight`, its settlement and its features by claim out."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from daatgal.decode import decode
from daatgal.facilities import Facilities, load_facilities
from daatgal.features import (
    FEATURES,
    Aggregates,
    CabinetDays,
    FeatureTable,
    JudgedNight,
    cabinet_days_table,
    compute,
)
from daatgal.insured import load_insured
from daatgal.nights.layers import layers_of
from daatgal.nights.people import concerned
from daatgal.nights.recall import recall
from daatgal.pipeline import Settlement, settle
from daatgal.settlement import settle_claims
from daatgal.tariff.book import TariffBook
from tests.adversarial.registers import facilities as adversarial_facilities
from tests.adversarial.table import facilities_table, insured_table
from tests.night_by_night import Registers, as_claims, id_type

NAMES = tuple(feature.name for feature in FEATURES)
REGIONS = ("Улаанбаатар", "Дархан-Уул", None)


@dataclass
class Chain:
    """Nights one after the other: what each left."""

    registers: Registers
    settlements: list[Settlement]
    nights: list[JudgedNight]
    days: list[pa.Table]

    @property
    def facilities(self) -> Facilities:
        return load_facilities(self.registers["facilities"], self.registers["tariff"])

    def before(self) -> CabinetDays:
        """What the nights before the last left."""
        return CabinetDays(self.days[:-1])


def registers(book: TariffBook, people: int, seed: int, ids: str = "string") -> Registers:
    """The adversarial registers, with regions."""
    from tests.adversarial.registers import insured

    return {
        "facilities": facilities_table(facility_rows()),
        "insured": insured_table(insured(people, seed, ids)),
        "tariff": book,
    }


def facility_rows() -> list[dict]:
    return [row | {"aimag": REGIONS[i % 3]} for i, row in enumerate(adversarial_facilities())]


def judged(claims: pa.Table, given: Registers, history: list[Settlement]) -> JudgedNight:
    """The steps of `settle` up to what features read."""
    book = given["tariff"]
    places = load_facilities(given["facilities"], book)
    people = None if given["insured"] is None else load_insured(given["insured"])
    layers = layers_of(history)
    recalled = recall(concerned(claims, None, layers), layers)
    earlier, held = recalled.state, recalled.held_ids
    decoded = decode(claims, book=book, facilities=places, insured=people, earlier=earlier, held_ids=held)
    return JudgedNight(decoded, settle_claims(decoded, places, book), places, book, earlier)


def chain(nights: list[list[dict]], given: Registers) -> Chain:
    """Settle night after night."""
    ids, found = id_type(nights), Chain(given, [], [], [])
    for rows in nights:
        claims = as_claims(rows, ids)
        night = judged(claims, given, found.settlements)
        found.days.append(cabinet_days_table(night))
        found.settlements.append(settle(claims, **given, history=list(found.settlements)))
        found.nights.append(night)
    return found


def computed(table: FeatureTable, night: JudgedNight) -> dict[object, dict[str, float]]:
    """The features by claim id."""
    values = table.columns.take(np.arange(table.rows.size))
    assert np.isfinite(values).all()
    ids = night.decoded.table["claim_id"].take(pa.array(table.rows)).to_pylist()
    return {
        claim: dict(zip(NAMES, column, strict=True))
        for claim, column in zip(ids, values.T.tolist(), strict=True)
    }


def features_of(
    night: JudgedNight, aggregates: Aggregates, before: CabinetDays, **how: int
) -> dict[object, dict[str, float]]:
    return computed(compute(night, aggregates, before, **how), night)

"""Where faults and anomalies are made: the claims of one piece, and the means to change and to add some.

In flow the ordinary rows of a piece; each maker edits rows in place or adds copies, and says what it did. No claim is
touched twice, so that each truth stands alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.generate.billing import billed_mnt, first_number, groups_for, practitioner, price_mnt
from daatgal.generate.care import DAY_S
from daatgal.generate.diagnoses import diagnoses
from daatgal.generate.draws import Draws, lognormal_table
from daatgal.generate.facilities import LOCAL_PLACES, NATIONAL_PLACES, facility_number
from daatgal.generate.rows import NO_QUANTITY, NO_TIME, NONE, Rows, Truth
from daatgal.generate.world import department_code

if TYPE_CHECKING:
    from daatgal.generate.people import People
    from daatgal.generate.plan import Piece
    from daatgal.generate.price_list import PriceList
    from daatgal.generate.rows import I32, I64, Bools
    from daatgal.generate.world import World

_LATER_S = lognormal_table(4 * DAY_S, 0.9, 3600, 60 * DAY_S)
_FIRST_ADDED = 1 << 17
"""Added claims are counted from here, above every ordinary claim of a piece."""


class Scene(NamedTuple):
    """All that a piece's claims were drawn from."""

    seed: int
    world: World
    prices: PriceList
    piece: Piece
    people: People


class Made(NamedTuple):
    """What a maker adds (None: it edited in place) and what it says it did."""

    added: Rows | None
    truth: list[Truth]


class Stage:
    """The rows of a piece while faults are put in; only the first `usable` may be touched."""

    def __init__(self, scene: Scene, rows: Rows, alone: Bools, usable: int) -> None:
        self.scene = scene
        self.rows = rows
        self.alone = alone
        """one claim is the whole episode"""
        self._free = np.arange(alone.size) < usable
        self._added = first_number(scene.piece) + _FIRST_ADDED

    def draws(self, kind: str) -> Draws:
        """A stream of its own for each kind, so that one kind's rate does not move another's draws."""
        return Draws(self.scene.seed, kind, self.scene.piece.block, self.scene.piece.month.number)

    def choose(self, draws: Draws, count: int, fits: Bools | None = None) -> I64:
        """At most `count` rows not touched before that fit, in random order; they are touched from now on."""
        candidates = np.flatnonzero(self._free if fits is None else self._free & fits)
        if candidates.size < 4 * count:
            chosen = candidates[draws.sample(candidates.size, count)]
        else:
            drawn = draws.below(2 * count, candidates.size)
            _, first = np.unique(drawn, return_index=True)
            chosen = candidates[drawn[np.sort(first)[:count]]]
        self._free[chosen] = False
        return chosen

    def is_care(self, *names: str) -> Bools:
        """The rows of these care types."""
        return np.array([name in names for name in self.scene.world.care_types])[self.rows.care]

    def copies(self, index: I64) -> Rows:
        """Copies of rows under new claim numbers."""
        rows = self.rows.take(index)
        numbers = self._added + np.arange(index.size, dtype=np.int64)
        self._added += index.size
        return rows._replace(number=numbers)

    def later(self, draws: Draws, after_s: I64) -> I64:
        """A sending some days after each moment."""
        return after_s + draws.pick(after_s.size, _LATER_S)

    def age(self, rows: Rows) -> I64:
        """Completed years, nearly, at the start of each claim."""
        birth = self.scene.people.birth_day[self.person(rows)]
        return np.maximum((rows.start_s // DAY_S - birth) * 100 // 36_525, 0)

    def person(self, rows: Rows) -> I64:
        """The index of each claim's insured among the piece's people."""
        return rows.person & ((1 << 20) - 1)

    def place(self, rows: Rows) -> I32:
        """The index of each claim's facility among PLACES."""
        own = rows.facility - self.scene.piece.block * LOCAL_PLACES
        return np.where(rows.facility < NATIONAL_PLACES, rows.facility, own).astype(np.int32)

    def at(self, rows: Rows, place: I32, specialty: I32, cabinet: I64, *, ward: bool = False) -> Rows:
        """The rows moved to a place's cabinet of a specialty, with the doctor of the day."""
        facility = facility_number(self.scene.piece.block, place)
        number = cabinet % self.scene.world.place_cabinets[place]
        wards = np.full(facility.size, ward)
        return rows._replace(
            facility=facility,
            specialty=specialty,
            department=department_code(specialty, number, wards),
            practitioner=practitioner(facility, specialty, number, rows.start_s),
        )

    def ill(self, rows: Rows, icd: I32) -> Rows:
        """The rows with another diagnosis in its specialty, grouped again, without what belonged to the old one."""
        group = groups_for(
            self.scene.prices, rows.care, icd, self.age(rows), self.scene.people.sex[self.person(rows)]
        )
        grouped = ~self.scene.prices.by_item[rows.care] & (rows.service == NONE)
        return rows._replace(
            icd=icd,
            specialty=diagnoses().specialty[icd],
            procedure=np.full_like(rows.procedure, NONE),
            drg=np.where(grouped, group, NONE).astype(np.int32),
        )

    def priced(self, rows: Rows) -> I64:
        """What the book pays for each claim as it is claimed."""
        quantity = np.where(rows.quantity == NO_QUANTITY, 1, rows.quantity).astype(np.int64)
        scene = self.scene
        return price_mnt(
            scene.world, scene.prices, rows.care, self.place(rows), rows.drg, rows.service, quantity
        )

    def billed(self, draws: Draws, rows: Rows) -> Rows:
        """The rows with amounts as facilities ask for them."""
        return rows._replace(billed_mnt=billed_mnt(draws, self.priced(rows)))

    def moved(self, rows: Rows, start_s: I64, length_s: I64) -> Rows:
        """The rows at another time, sent as long after their end as before."""
        end_s = start_s + length_s
        sent = np.where(rows.submitted_s == NO_TIME, NO_TIME, rows.submitted_s - rows.end_s + end_s)
        return rows._replace(start_s=start_s, end_s=end_s, submitted_s=sent)


def truth(kind: str, rows: Rows, related: I64 | None = None) -> Truth:
    """The same thing said of every row."""
    return Truth(
        kind, rows.number, np.full(rows.number.size, NONE, dtype=np.int64) if related is None else related
    )

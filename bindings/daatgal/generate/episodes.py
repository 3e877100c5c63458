"""Who goes where with what, and when: the ordinary claims of one piece.

In flow the tables of the world, a piece and its people; out flow episodes (one illness treated in one place) spread
into claims: follow-up visits, ward transfers, tests done together, sessions of a month. Draws are made for whole
arrays, one stream for each question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.generate.care import DAY_S, LONG_THERAPY_SHARE
from daatgal.generate.diagnoses import SPECIALTIES, band_row, diagnoses
from daatgal.generate.draws import Draws, choice_table
from daatgal.generate.rows import NONE

if TYPE_CHECKING:
    from daatgal.generate.people import People
    from daatgal.generate.plan import Month, Piece
    from daatgal.generate.rows import I32, I64, Bools
    from daatgal.generate.world import World

_CHRONIC_VISIT_SHARE = 0.55
_CHRONIC_CARE = frozenset({"outpatient", "diagnostics", "primary"})
_WEEKEND_OFFICE, _WEEKEND_OTHER = 0.12, 0.6
_HOLIDAY = 0.1
_HOLIDAYS = {(1, 1), (3, 8), (6, 1), (7, 11), (7, 12), (7, 13), (7, 14), (7, 15), (11, 26), (12, 29)}
_SATURDAY_OF_EPOCH = 2
"""1970-01-03 was a Saturday."""


class Visits(NamedTuple):
    """The claims of a piece before anything is billed; one entry a claim, episodes together."""

    episode: I64
    place_in_episode: I64
    person: I64
    """index into the piece's people"""
    care: I32
    icd: I32
    specialty: I32
    place: I32
    cabinet: I64
    """number of the department within its specialty"""
    start_s: I64
    end_s: I64
    long_therapy: Bools
    sessions: I64
    """of the whole episode"""
    claims: I64
    """claims of the episode"""


def visits(world: World, piece: Piece, people: People, seed: int) -> Visits:
    """The ordinary claims of a piece: exactly `piece.claims`."""
    name = (piece.block, piece.month.number)
    n = int(piece.claims / world.claims_per_episode * 1.1) + 64
    draws = Draws(seed, "episode", *name)
    care = draws.pick(n, world.episode_care)
    person = np.searchsorted(people.running_weight, draws.unit(n), side="right").clip(max=people.sex.size - 1)
    icd, chronic = _illness(draws, world, people, care, person)
    long_therapy = world.is_long_therapy[care] & draws.chance(n, LONG_THERAPY_SHARE)
    count = np.where(long_therapy, 1, draws.pick_row(world.counts, care.astype(np.int64))).astype(np.int64)
    area = people.area[person]
    place = draws.pick_row(world.place, care.astype(np.int64) * 3 + area)
    specialty = diagnoses().specialty[icd]
    cabinets = world.place_cabinets[place]
    cabinet = np.where(chronic, person % cabinets, draws.below(n, cabinets))
    sessions = 5 + draws.below(n, 8)

    last = int(np.searchsorted(np.cumsum(count), piece.claims))
    count = count[: last + 1].copy()
    count[last] -= int(count.sum()) - piece.claims
    episode = np.repeat(np.arange(last + 1), count)
    first = np.cumsum(count) - count
    inside = np.arange(piece.claims) - first[episode]
    start_s, end_s = _times(
        world,
        piece.month,
        care[: last + 1],
        long_therapy[: last + 1],
        episode,
        inside,
        Draws(seed, "times", *name),
    )
    moved = world.is_ward[care[episode]] & (inside > 0)
    return Visits(
        episode=episode,
        place_in_episode=inside,
        person=person[episode],
        care=care[episode],
        icd=icd[episode],
        specialty=np.where(
            moved, (specialty[episode] + inside) % len(SPECIALTIES), specialty[episode]
        ).astype(np.int32),
        place=place[episode],
        cabinet=cabinet[episode],
        start_s=start_s,
        end_s=end_s,
        long_therapy=long_therapy[episode],
        sessions=sessions[episode],
        claims=count[episode],
    )


def day_weights(month: Month, weekend: float) -> list[float]:
    """How busy each day of a month is, weekends and public holidays being quieter."""
    civil = np.datetime64(month.first_day, "D")
    weights: list[float] = []
    for offset in range(month.days):
        day = month.first_day + offset
        date = (civil + offset).item()
        quiet = (day - _SATURDAY_OF_EPOCH) % 7 < 2
        weights.append(
            (weekend if quiet else 1.0) * (_HOLIDAY if (date.month, date.day) in _HOLIDAYS else 1.0)
        )
    return weights


def _illness(draws: Draws, world: World, people: People, care: I32, person: I64) -> tuple[I32, Bools]:
    """The diagnosis of each episode: the chronic one often, else one that fits care, age and sex."""
    row = band_row(care, people.age[person], people.sex[person])
    drawn = draws.pick_row(world.diagnosis, row)
    lasting = people.chronic_icd[person]
    by_cabinet = np.array([name in _CHRONIC_CARE for name in world.care_types])[care]
    chronic = (lasting != NONE) & by_cabinet & draws.chance(care.size, _CHRONIC_VISIT_SHARE)
    return np.where(chronic, lasting, drawn).astype(np.int32), chronic


def _times(
    world: World, month: Month, care: I32, long_therapy: Bools, episode: I64, inside: I64, draws: Draws
) -> tuple[I64, I64]:
    """Start and end of every claim: wards follow each other, visits come days apart, tests in one hour."""
    n = care.size
    office = np.asarray(choice_table(day_weights(month, _WEEKEND_OFFICE)))
    other = np.asarray(choice_table(day_weights(month, _WEEKEND_OTHER)))
    hours = world.hours[care]
    day = np.where(hours == 0, draws.pick(n, office), draws.pick(n, other)).astype(np.int64)
    second = draws.pick_row(world.start_s, hours.astype(np.int64)).astype(np.int64)
    care_of, gap = care[episode], world.gap_days[care][episode]
    rows = episode.size
    length = draws.pick_row(
        world.length_s, np.where(long_therapy[episode], len(world.care_types), care_of)
    ).astype(np.int64)
    ward = world.is_ward[care_of]
    count = np.bincount(episode, minlength=n)[episode]
    length = np.where(ward & (count > 1), length * 3 // (2 * count), length)
    before = np.cumsum(length) - length
    before -= before[np.arange(rows) - inside]
    later = np.where(ward | (gap == 0), 0, inside * np.maximum(gap + draws.below(rows, 7) - 3, 1))
    same_hour = np.where(ward | (gap > 0), 0, inside * 900)
    within = (day[episode] + later) % month.days
    start = (month.first_day + within) * DAY_S + second[episode] + same_hour + np.where(ward, before, 0)
    start += np.where(gap > 0, draws.below(rows, 18) * 300 * (inside > 0), 0)
    end = start + length
    leaves = (length > 20 * 3600) & (~ward | (inside == count - 1))
    discharge = end // DAY_S * DAY_S + 36_000 + draws.below(rows, 72) * 300
    return start, np.where(leaves & (discharge > start + DAY_S), discharge, end)

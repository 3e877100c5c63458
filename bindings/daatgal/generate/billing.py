"""What the facility sends for a visit: groups, services, amounts, orders, results, and when.

In flow the visits of a piece, its people and a price list; out flow complete `Rows`, all of them ordinary claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.generate.care import DAY_S
from daatgal.generate.diagnoses import band_row
from daatgal.generate.draws import Draws, lognormal_table
from daatgal.generate.facilities import facility_number
from daatgal.generate.people import PERSON_BITS
from daatgal.generate.rows import (
    MAX_PROCEDURES,
    MAX_SECONDARY,
    MESSAGE_ORIGINAL,
    NO_AMOUNT,
    NO_DAY,
    NO_QUANTITY,
    NO_TIME,
    NONE,
    RESULT_NEGATIVE,
    RESULT_POSITIVE,
    Rows,
)
from daatgal.generate.world import SITES, TEETH, World, department_code

if TYPE_CHECKING:
    from daatgal.generate.episodes import Visits
    from daatgal.generate.people import People
    from daatgal.generate.plan import Piece
    from daatgal.generate.price_list import PriceList
    from daatgal.generate.rows import I32, I64, Bools

CLAIM_BITS = 20
"""Claims of one piece, at most, counted in the low bits of a claim's number."""
BLOCK_BITS = 22
_SENT_AFTER_S = lognormal_table(20 * 3600, 1.0, 600, 45 * DAY_S)
_AS_BILLED_MNT = lognormal_table(90_000, 1.1, 5_000, 9_000_000)
_SPECIAL_SHARE, _PAIRED_SHARE = 0.2, 0.92
_WRONG_GROUP, _NO_GROUP = 0.03, 0.07
_ORDERED = {
    "diagnostics": 0.93,
    "high_cost_diagnostics": 0.97,
    "rehabilitation": 0.9,
    "day_treatment": 0.9,
    "high_cost_device": 0.95,
}
_POSITIVE_SHARE = 0.08


class Groups(NamedTuple):
    """The group a claim falls into, and what led there."""

    drg: I32
    procedure: I32
    paired: I32


def first_number(piece: Piece) -> int:
    """The number of a piece's first claim."""
    return ((piece.month.number << BLOCK_BITS) | piece.block) << CLAIM_BITS


def rows_of(
    world: World, prices: PriceList, piece: Piece, people: People, seen: Visits, seed: int, tests: Bools
) -> Rows:
    """The claims of a piece. `tests`: which of the price list's services report a result."""
    n = seen.care.size
    draws = Draws(seed, "billing", piece.block, piece.month.number)
    person = seen.person
    age = np.maximum((seen.start_s // DAY_S - people.birth_day[person]) * 100 // 36_525, 0)
    sex = people.sex[person]
    service = _services(draws, prices, seen)
    by_drg = ~prices.by_item[seen.care] & (service == NONE)
    groups = _groups(draws, prices, seen, age, sex, by_drg)
    quantity = np.maximum(np.minimum(-(-seen.sessions // seen.claims), world.quantity[seen.care]), 1)
    quantity = np.where(seen.long_therapy, 1, quantity)
    unstated = (quantity == 1) & draws.chance(n, 0.3)
    price = price_mnt(world, prices, seen.care, seen.place, groups.drg, service, quantity)
    ward = world.is_ward[seen.care] | seen.long_therapy
    facility = facility_number(piece.block, seen.place)
    given = draws.bits(n)
    ordered = np.array([_ORDERED.get(care, 0.2) for care in world.care_types])[seen.care]
    serial = np.int64(first_number(piece)) + np.arange(n, dtype=np.int64)
    return Rows(
        number=serial,
        person=(np.int64(piece.block) << PERSON_BITS) + person,
        facility=facility,
        department=np.where(
            _one_in(given, 0, 64), NONE, department_code(seen.specialty, seen.cabinet, ward)
        ).astype(np.int32),
        specialty=np.where(_one_in(given, 6, 64), NONE, seen.specialty).astype(np.int32),
        practitioner=np.where(
            _one_in(given, 12, 64), NONE, practitioner(facility, seen.specialty, seen.cabinet, seen.start_s)
        ),
        care=seen.care,
        icd=seen.icd,
        spelling=np.array([0, 0, 0, 0, 0, 1, 1, 2], dtype=np.int8)[facility.astype(np.int64) * 5 % 8],
        secondary=_secondary(draws, world, seen, age, sex, groups.paired, ward),
        procedure=_procedures(draws, prices, groups.procedure, ward),
        drg=_claimed(draws, groups.drg, prices.price_mnt.shape[3]),
        service=service,
        site=_sites(draws, world, seen.care),
        quantity=np.where(unstated, NO_QUANTITY, quantity).astype(np.int32),
        start_s=seen.start_s,
        end_s=seen.end_s,
        billed_mnt=billed_mnt(draws, price),
        sex=np.where(_one_in(given, 18, 8), NONE, sex).astype(np.int32),
        birth_day=np.where(_one_in(given, 21, 8), NO_DAY, people.birth_day[person]).astype(np.int32),
        exemption=np.where(_one_in(given, 24, 4), NONE, people.exemption[person]).astype(np.int32),
        result=_results(draws, service, tests),
        order_no=np.where(draws.chance(n, ordered), serial % 100_000_000, NONE),
        referral_no=np.where(_one_in(given, 26, 16), serial % 100_000_000, NONE),
        message=np.where(_one_in(given, 30, 4), NONE, MESSAGE_ORIGINAL).astype(np.int32),
        replaces=np.full(n, NONE, dtype=np.int64),
        submitted_s=np.where(_one_in(given, 32, 32), NO_TIME, seen.end_s + draws.pick(n, _SENT_AFTER_S)),
    )


def practitioner(facility: I32, specialty: I32, cabinet: I64, start_s: I64) -> I64:
    """Two doctors a cabinet, by day."""
    return (facility.astype(np.int64) * 100 + specialty) * 100 + cabinet * 2 + start_s // DAY_S % 2


def price_mnt(
    world: World, prices: PriceList, care: I32, place: I32, drg: I32, service: I32, quantity: I64
) -> I64:
    """What the book pays for each claim before any rule; NO_AMOUNT where it cannot say."""
    grouped = prices.price_mnt[care, world.place_level[place], world.place_ownership[place], drg]
    item = prices.by_item[care] | (service != NONE)
    unit = prices.unit_mnt[care, service]
    by_item = np.where(unit == NO_AMOUNT, NO_AMOUNT, unit * quantity)
    return np.where(item, by_item, np.where(drg == NONE, NO_AMOUNT, grouped))


def groups_for(prices: PriceList, care: I32, icd: I32, age: I64, sex: I32) -> I32:
    """The group of each diagnosis without a procedure; NONE where the book has none."""
    band = np.searchsorted(prices.age_from, age, side="right") - 1
    return prices.plain_group[care, icd, band, sex]


def _services(draws: Draws, prices: PriceList, seen: Visits) -> I32:
    """A service for each claim; the claims of an episode ask for one after the other and not for the same twice."""
    drawn = draws.pick_row(prices.service_table, seen.care.astype(np.int64))
    first = drawn[np.arange(drawn.size) - seen.place_in_episode]
    service = np.where(first == NONE, drawn, first)
    for turn in range(1, int(seen.place_in_episode.max(initial=0)) + 1):
        goes_on = np.flatnonzero((seen.place_in_episode >= turn) & (first != NONE))
        service[goes_on] = prices.next_service[seen.care[goes_on], service[goes_on]]
    return service


def _groups(draws: Draws, prices: PriceList, seen: Visits, age: I64, sex: I32, by_drg: Bools) -> Groups:
    band = np.searchsorted(prices.age_from, age, side="right") - 1
    row = prices.special_row[seen.care, seen.icd, band, sex]
    paired = prices.special_pair[row, draws.below(row.size, prices.special_pair.shape[1])]
    often = np.where(paired == NONE, _SPECIAL_SHARE, _PAIRED_SHARE)
    row = np.where(by_drg & draws.chance(row.size, often), row, NONE)
    special = row != NONE
    plain = prices.plain_group[seen.care, seen.icd, band, sex]
    return Groups(
        drg=np.where(by_drg, np.where(special, prices.special_group[row], plain), NONE).astype(np.int32),
        procedure=np.where(special, prices.special_procedure[row], NONE).astype(np.int32),
        paired=np.where(special, paired, NONE).astype(np.int32),
    )


def _claimed(draws: Draws, drg: I32, groups: int) -> I32:
    """The group as the facility claims it: mostly right, sometimes missing, sometimes another."""
    coin = draws.unit(drg.size)
    other = draws.below(drg.size, groups)
    claimed = np.where(coin < _WRONG_GROUP, other, np.where(coin > 1 - _NO_GROUP, NONE, drg))
    return np.where(drg == NONE, NONE, claimed).astype(np.int32)


def billed_mnt(draws: Draws, price: I64) -> I64:
    """The price itself, mostly; some round it, some ask for more or less, some say nothing."""
    n = price.size
    coin = draws.unit(n)
    known = np.where(price == NO_AMOUNT, draws.pick(n, _AS_BILLED_MNT) // 100 * 100, price)
    percent = 85 + draws.below(n, 46)
    asked = np.where(
        coin < 0.74, known, np.where(coin < 0.82, (known + 500) // 1000 * 1000, known * percent // 100)
    )
    return np.where((coin >= 0.96) & (price != NO_AMOUNT), NO_AMOUNT, asked)


def _secondary(draws: Draws, world: World, seen: Visits, age: I64, sex: I32, paired: I32, ward: Bools) -> I32:
    """Up to MAX_SECONDARY further diagnoses, more in wards; the paired one first."""
    n = seen.care.size
    table = band_row(seen.care, age.clip(max=110), sex)
    columns = np.full((n, MAX_SECONDARY), NONE, dtype=np.int32)
    often = np.where(ward, 0.55, 0.12)
    for place in range(MAX_SECONDARY):
        has = draws.chance(n, often / (place + 1))
        columns[:, place] = np.where(has, draws.pick_row(world.diagnosis, table), NONE)
    columns[:, 0] = np.where(paired != NONE, paired, columns[:, 0])
    return columns


def _procedures(draws: Draws, prices: PriceList, asked: I32, ward: Bools) -> I32:
    n = asked.size
    columns = np.full((n, MAX_PROCEDURES), NONE, dtype=np.int32)
    columns[:, 0] = asked
    plain = len(prices.procedures) - 5 + draws.below(n, 5)
    columns[:, 1] = np.where(draws.chance(n, np.where(ward, 0.3, 0.02)), plain, NONE)
    return columns


def _sites(draws: Draws, world: World, care: I32) -> I32:
    n = care.size
    names = world.care_types
    tooth = np.array([0.93 if name == "dental_outpatient" else 0.0 for name in names])[care]
    side = np.array([0.15 if name == "high_cost_diagnostics" else 0.0 for name in names])[care]
    coin = draws.unit(n)
    teeth, sides = draws.below(n, len(TEETH)), len(TEETH) + draws.below(n, len(SITES) - len(TEETH))
    return np.where(coin < tooth, teeth, np.where(coin < side, sides, NONE)).astype(np.int32)


def _results(draws: Draws, service: I32, tests: Bools) -> I32:
    coin = draws.unit(service.size)
    reports = (service != NONE) & tests[service] & (coin < 0.95)
    return np.where(reports, np.where(coin < _POSITIVE_SHARE, RESULT_POSITIVE, RESULT_NEGATIVE), NONE).astype(
        np.int32
    )


def _one_in(words: np.ndarray[tuple[int], np.dtype[np.uint64]], shift: int, often: int) -> Bools:
    """True once in `often` (a power of two), from the bits of each word above `shift`."""
    return (words >> np.uint64(shift)) & np.uint64(often - 1) == 0

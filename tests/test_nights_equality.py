"""However claims are split into nights, the standing ledger is that of one run over all (rules.md §4)."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal import load_tariff
from daatgal.tariff.book import TariffBook
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.nights import split_into_nights
from tests.adversarial.registers import facilities, insured
from tests.adversarial.strategies import batches, book_seeds, id_kinds, insured_seeds
from tests.night_by_night import assert_nights_add_up, registers_of
from tests.scale import scaled, some_of

pytestmark = pytest.mark.kernels

NIGHTS = 5
BATCHES = 250
"""By seed, of 4 to 40 claims: 3,000 small batches in all where the kernels are compiled."""


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The adversarial book of a seed, each read once."""
    folder = Path(tmp_path_factory.mktemp("books"))
    read: dict[int, TariffBook] = {}

    def book(seed: int) -> TariffBook:
        if seed not in read:
            read[seed] = load_tariff(write_adversarial_book(folder / str(seed), seed))
        return read[seed]

    return book


@settings(max_examples=scaled(60))
@given(data=st.data(), seed=book_seeds, ids=id_kinds, people=insured_seeds)
def test_drawn_batches(books, data, seed, ids, people):
    """Up to four nights, some of them empty; failures shrink to the claims and nights that matter."""
    rows = data.draw(batches(ids=ids))
    nights = split_into_nights(rows, data.draw(st.integers(2, 4)), data.draw(st.integers(0, 99)))
    register = None if people is None else insured(2, people, ids)
    assert_nights_add_up(nights, registers_of(facilities(), register, books(seed)))


def own(value: object, batch: int) -> object:
    """An id as no other batch has it; what is no id stays."""
    if isinstance(value, int):
        return value + batch * 10**8
    return f"{value}/{batch}" if isinstance(value, str) and value.strip() else value


def owned(row: dict, batch: int) -> dict:
    return {
        name: own(value, batch) if name.endswith("_id") and name in IDS else value
        for name, value in row.items()
    }


IDS = ("claim_id", "insured_id", "replaces_claim_id")


@pytest.mark.parametrize("seed", some_of(range(12), 4))
def test_many_small_batches(books, seed):
    """Small batches of different people, each split by itself, are settled side by side: each must add up."""
    ids = ("string", "int64")[seed % 2]
    nights: list[list[dict]] = [[] for _ in range(NIGHTS)]
    register: list[dict] = []
    for batch in range(scaled(BATCHES, at_least=2)):
        rng = random.Random(f"{seed} {batch}")
        people = rng.choice((1, 2, 4))
        size, share = rng.choice((4, 12, 40)), rng.choice((0.08, 0.4))
        rows = claims(size, rng.randrange(10**9), people=people, ids=ids, messages=share)
        split = split_into_nights(rows, rng.choice((2, 3, NIGHTS)), batch)
        for night, part in zip(nights[-len(split) :], split, strict=True):
            night += [owned(row, batch) for row in part]
        register += [owned(row, batch) for row in insured(people, batch, ids)]
    history = assert_nights_add_up(
        nights, registers_of(facilities(), register if seed % 3 else None, books(seed))
    )
    assert sum(night.adjustments.num_rows for night in history) > len(history)

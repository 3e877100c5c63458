"""The product and the oracle agree on every column of the ledger, and on the quarantine, for drawn claims."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal import load_tariff
from tests import engine_judge, oracle
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.registers import facilities, insured
from tests.adversarial.strategies import batches, book_seeds, id_kinds, insured_seeds
from tests.scale import scaled, some_of

pytestmark = pytest.mark.kernels

SEEDS = some_of(range(10), 2)
ROWS = 2_000
"""By seed: 20,000 rows in all where the kernels are compiled."""


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Both readings of the book of a seed, each read once."""
    folder = tmp_path_factory.mktemp("books")
    read: dict[int, tuple] = {}

    def both(seed: int) -> tuple:
        if seed not in read:
            path = write_adversarial_book(Path(folder) / str(seed), seed)
            read[seed] = load_tariff(path), oracle.read_book(path)
        return read[seed]

    return both


def assert_agree(rows: list[dict], books: tuple, people: list[dict] | None) -> oracle.Result:
    """Row by row and column by column; what is said of a difference is the first one, and how many there are."""
    registers = {"facilities": facilities(), "insured": people}
    product = engine_judge.judge(rows, book=books[0], **registers)
    wanted = oracle.judge(rows, book=books[1], **registers)
    assert product.quarantine == wanted.quarantine
    assert len(product.ledger) == len(wanted.ledger)
    differing: Counter = Counter()
    first = ""
    for found, expected in zip(product.ledger, wanted.ledger, strict=True):
        for column in expected:
            if found[column] != expected[column]:
                differing[column] += 1
                first = (
                    first or f"{expected['claim_id']}, {column}: {found[column]!r}, not {expected[column]!r}"
                )
    assert not differing, f"{dict(differing)}; first of claim {first}"
    assert all(
        set(found) == set(expected) for found, expected in zip(product.ledger, wanted.ledger, strict=True)
    )
    return wanted


@settings(max_examples=scaled(150))
@given(data=st.data(), seed=book_seeds, ids=id_kinds, people=insured_seeds)
def test_small_batches(books, data, seed, ids, people):
    rows = data.draw(batches(ids=ids))
    if rows:
        assert_agree(rows, books(seed), None if people is None else insured(2, people, ids))


@pytest.mark.parametrize("seed", SEEDS)
def test_awkward_batches(books, seed):
    """Ids of both kinds; three, eight, or thirty people; with and without a table of the insured; text columns."""
    ids = ("string", "int64")[seed % 2]
    count = (3, 8, 30)[seed % 3]
    rows = claims(
        scaled(ROWS, at_least=60), 100 + seed, people=count, ids=ids, untyped=seed % 5 == 0, faulty=0.06
    )
    wanted = assert_agree(rows, books(seed), None if seed % 4 == 3 else insured(count, seed, ids))
    assert len(wanted.ledger) > len(rows) / 2


def test_no_claims(books):
    """Neither an empty batch nor one of which nothing can be read is an error."""
    rows = claims(5, 1, people=1, faulty=0)
    unread = [row | {"insured_id": None, "message": None, "claim_id": n} for n, row in enumerate(rows)]
    assert len(assert_agree(unread, books(0), None).quarantine) == len(unread)
    assert assert_agree([], books(0), None) == oracle.Result([], [])

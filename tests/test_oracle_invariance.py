"""The oracle's ledger is a function of the set of claims: of nothing else."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.registers import facilities, insured
from tests.adversarial.strategies import batches, book_seeds, id_kinds, insured_seeds
from tests.oracle import judge, read_book


def _by_content(result, rows):
    ledger = {row["claim_id"]: row for row in result.ledger}
    quarantine = sorted((repr(rows[fault["row"]]), fault["error_codes"]) for fault in result.quarantine)
    return ledger, quarantine


def test_row_order_does_not_matter(tmp_path):
    book = read_book(write_adversarial_book(tmp_path / "book"))
    rows = claims(1_500, 3, people=12)
    people = {"facilities": facilities(), "insured": insured(12, 3)}
    before = _by_content(judge(rows, book=book, **people), rows)
    random.Random(0).shuffle(rows)
    assert _by_content(judge(rows, book=book, **people), rows)[0] == before[0]


def test_an_unrelated_person_changes_nothing(tmp_path):
    book = read_book(write_adversarial_book(tmp_path / "book"))
    rows = claims(400, 4, people=3, faulty=0)
    strangers = [
        row | {"insured_id": f"stranger {row['insured_id']}", "claim_id": f"other {row['claim_id']}"}
        for row in claims(400, 5, people=3, faulty=0, messages=0)
    ]
    alone = judge(rows, book=book, facilities=facilities())
    together = judge(rows + strangers, book=book, facilities=facilities())
    assert together.ledger[: len(alone.ledger)] == alone.ledger


@settings(max_examples=60, deadline=None)
@given(data=st.data(), seed=book_seeds, ids=id_kinds, people=insured_seeds)
def test_small_batches_balance_in_any_order(tmp_path_factory, data, seed, ids, people):
    book = read_book(write_adversarial_book(tmp_path_factory.mktemp("book") / "book", seed))
    rows = data.draw(batches(ids=ids))
    registers = {"facilities": facilities(), "insured": None if people is None else insured(2, people, ids)}
    result = judge(rows, book=book, **registers)
    assert len(result.ledger) + len(result.quarantine) == len(rows)
    for row in result.ledger:
        parts = [row[f"{part}_mnt"] for part in ("fund", "copay", "excess", "deducted")]
        assert row["gross_mnt"] == sum(parts)
        assert min(parts) >= 0
    turned = judge(rows[::-1], book=book, **registers)
    assert _by_content(turned, rows[::-1])[0] == _by_content(result, rows)[0]

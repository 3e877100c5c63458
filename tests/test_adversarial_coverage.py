"""The adversarial claims reach every reason, every fault and every switch, so that agreement on them counts."""

import pytest

from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.coverage import FAULT_CODES, REASONS, Coverage
from tests.adversarial.decisions import decisions
from tests.adversarial.registers import facilities, insured
from tests.adversarial.rule_rows import POOLS
from tests.adversarial.table import to_table
from tests.oracle import judge, read_book

AT_LEAST = 10


@pytest.fixture(scope="module")
def coverage(tmp_path_factory) -> Coverage:
    """Some thousand claims under three books; the first also with decisions by hand."""
    seen = Coverage()
    for seed in range(3):
        book = read_book(write_adversarial_book(tmp_path_factory.mktemp("book") / "book", seed))
        rows = claims(2_000, seed, people=20, faulty=0.08, untyped=True)
        people = {"facilities": facilities(), "insured": insured(20, seed)}
        result = judge(rows, book=book, **people)
        if seed == 0:
            result = judge(rows, book=book, **people, decisions=decisions(result.ledger, seed))
        seen.add(result, book)
    return seen


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_occurs(coverage, reason):
    assert coverage.reasons[reason] >= AT_LEAST


def test_no_reason_is_unheard_of(coverage):
    assert set(coverage.reasons) == set(REASONS)


@pytest.mark.parametrize("code", FAULT_CODES)
def test_every_fault_occurs(coverage, code):
    assert coverage.fault_codes[code] >= AT_LEAST


def test_no_fault_is_unheard_of(coverage):
    assert set(coverage.fault_codes) == set(FAULT_CODES)


@pytest.mark.parametrize("rule", POOLS)
def test_every_rule_is_seen_on_off_and_changing(coverage, rule):
    assert coverage.on[rule] >= AT_LEAST
    assert coverage.off[rule] >= AT_LEAST
    assert coverage.changing[rule] >= AT_LEAST


@pytest.mark.parametrize("ids", ["string", "int64"])
@pytest.mark.parametrize("untyped", [False, True])
def test_a_table_says_the_same_as_its_rows(tmp_path, ids, untyped):
    book = read_book(write_adversarial_book(tmp_path / "book"))
    rows = claims(400, 7, people=8, ids=ids, untyped=untyped)
    people = {"facilities": facilities(), "insured": insured(8, 7, ids)}
    assert judge(to_table(rows).to_pylist(), book=book, **people) == judge(rows, book=book, **people)


def test_claims_are_a_function_of_their_seed():
    assert claims(300, 5) == claims(300, 5)
    assert claims(300, 5) != claims(300, 6)

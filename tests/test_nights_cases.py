"""The cases worked out by hand, each in two nights: what holds after the second is what the case expects."""

import random

import pytest

from tests.adversarial.nights import split_into_nights
from tests.cases import CASES, Case
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES
from tests.night_by_night import registers_of, settle_nights, standing

TRIES = 20


def two_nights(case: Case) -> list[list[dict]]:
    """A split drawn by the name of the case; messages and shared ids may force all claims into one night."""
    rng = random.Random(case.name)
    for _ in range(TRIES):
        nights = split_into_nights(case.claims, 2, rng.randrange(10**6))
        if all(nights):
            break
    return nights


@pytest.mark.parametrize("case", [case for case in CASES if len(case.claims) > 1], ids=lambda case: case.name)
def test_case(case: Case, tmp_path):
    book = write_case_book(tmp_path / "book", case.rules, case.tables)
    places = FACILITIES if case.facilities is None else case.facilities
    nights = two_nights(case)
    history = settle_nights(nights, registers_of(places, case.insured, book), [[], case.decisions or []])
    outcomes = standing(history)
    assert sum(night.quarantine.num_rows for night in history) == len(case.quarantined)
    for claim_id, wanted in case.expected.items():
        found = {column: outcomes[claim_id][column] for column in wanted}
        assert found == wanted, f"{case.name}: claim {claim_id}, nights {nights}"

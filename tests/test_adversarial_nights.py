"""Nights are split as the rules allow: targets before their messages, shared ids together, nothing lost."""

import pytest

from tests.adversarial.claims import claims
from tests.adversarial.nights import split_into_nights


@pytest.mark.parametrize("seed", range(5))
def test_nights_are_lawful(seed):
    rows = claims(400, seed, people=5, messages=0.3, faulty=0.1)
    nights = split_into_nights(rows, 4, seed)
    assert sum(map(len, nights)) == len(rows)
    assert sum(bool(night) for night in nights) > 1
    night_of = {}
    for number, night in enumerate(nights):
        for row in night:
            if row["claim_id"] is not None:
                assert night_of.setdefault(row["claim_id"], number) == number
    for number, night in enumerate(nights):
        for row in night:
            if row["message"] not in {None, "original"}:
                assert night_of.get(row["replaces_claim_id"], number) <= number


def test_one_night_keeps_the_order():
    rows = claims(50, 1)
    assert split_into_nights(rows, 1, 0) == [rows]

"""The adversarial books are good books: the strict loader takes them."""

import pytest

from daatgal.tariff import load_tariff
from tests.adversarial.books import write_adversarial_book


@pytest.mark.parametrize("seed", range(16))
def test_adversarial_book(tmp_path, seed):
    assert load_tariff(write_adversarial_book(tmp_path, seed)).name == f"adversarial-{seed}"

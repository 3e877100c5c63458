"""The oracle against outcomes worked out by hand."""

import pytest

from tests.cases import CASES, Case, check
from tests.oracle import judge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, tmp_path):
    check(judge, case, tmp_path)

"""The oracle against outcomes worked out by hand, and these claims once through Arrow."""

import pytest

from tests.adversarial.table import to_table
from tests.cases import CASES, Case, check
from tests.oracle import judge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, tmp_path):
    check(judge, case, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_as_a_table(case: Case, tmp_path):
    def through_arrow(claims, **rest):
        return judge(to_table(claims).to_pylist(), **rest)

    check(through_arrow, case, tmp_path)


def test_names_are_their_own():
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))

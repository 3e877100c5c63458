"""The product against outcomes worked out by hand from the text of the rules."""

import pytest

from tests.cases import CASES, Case, check
from tests.engine_judge import judge
from tests.scale import some_of

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("case", some_of(CASES, 3), ids=lambda case: case.name)
def test_case(case: Case, tmp_path):
    check(judge, case, tmp_path)

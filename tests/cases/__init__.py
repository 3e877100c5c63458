"""Cases with outcomes worked out by hand from the text of the rules: data for any implementation.

`check(judge, case, folder)` runs one case through an implementation that has the oracle's signature.
"""

from tests.cases.case import Case, check
from tests.cases.worked import WORKED

CASES: list[Case] = [*WORKED]

__all__ = ["CASES", "WORKED", "Case", "check"]

"""Cases with outcomes worked out by hand from the text of the rules: data for any implementation.

`check(judge, case, folder)` runs one case through an implementation that has the oracle's signature.
"""

from tests.cases.bundled import BUNDLED
from tests.cases.case import Case, check
from tests.cases.decode import DECODE
from tests.cases.entitlement import ENTITLEMENT
from tests.cases.flags import FLAGS
from tests.cases.groups import GROUPS
from tests.cases.messages import MESSAGES
from tests.cases.pricing import PRICING
from tests.cases.repeat_tests import REPEAT_TESTS
from tests.cases.repeats import REPEATS
from tests.cases.shares import SHARES
from tests.cases.stays import STAYS
from tests.cases.sums import SUMS
from tests.cases.worked import WORKED

CASES: list[Case] = [
    *WORKED,
    *MESSAGES,
    *DECODE,
    *GROUPS,
    *PRICING,
    *ENTITLEMENT,
    *STAYS,
    *BUNDLED,
    *REPEATS,
    *REPEAT_TESTS,
    *SUMS,
    *SHARES,
    *FLAGS,
]

__all__ = ["CASES", "WORKED", "Case", "check"]

"""Which claims a phase looks at, and how they fall into groups."""

from collections import defaultdict
from collections.abc import Callable, Hashable

from tests.oracle.claim import Claim
from tests.oracle.registers import Registers


def on(rule: str, claim: Claim, registers: Registers) -> bool:
    """A rule is on for a claim if it is enabled on the claim's pricing date."""
    return registers.book.on(rule, claim.pricing_day)


def judged(rule: str, person: list[Claim], registers: Registers) -> list[Claim]:
    """The claims still payable for which the rule is on, first to later."""
    return [claim for claim in person if claim.payable and on(rule, claim, registers)]


def listed(value: str | None, rule: str, parameter: str, claim: Claim, registers: Registers) -> bool:
    """Whether a value stands in a list parameter on the claim's own pricing date."""
    return value is not None and value in registers.book.codes(rule, parameter, claim.pricing_day)


def amount(rule: str, parameter: str, claim: Claim, registers: Registers) -> int:
    """A number parameter on the pricing date of the claim that decides it."""
    return registers.book.amount(rule, parameter, claim.pricing_day)


def grouped(claims: list[Claim], key: Callable[[Claim], Hashable]) -> list[list[Claim]]:
    """Groups in order of their first claim, each first to later."""
    groups = defaultdict(list)
    for claim in claims:
        groups[key(claim)].append(claim)
    return list(groups.values())

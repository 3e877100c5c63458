"""Phases 5 to 7: chains of wards, stays too short, and what happens inside a stay."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.oracle.book import split
from tests.oracle.claim import ONE_DAY, Claim, both_midnight, join_case
from tests.oracle.phases.judged import amount, grouped, judged, listed, on
from tests.oracle.registers import Registers


@dataclass(frozen=True)
class Span:
    """A payable case as a span of time, with the claim that is paid for it."""

    paid: Claim
    start_at: datetime
    end_at: datetime


def chain_span(destination: Claim) -> Span:
    """From the chain's first start to its latest end; a claim outside every chain is a chain of its own."""
    start_at = min(claim.start_at for claim in destination.chain)
    end_at = max(claim.end_at for claim in destination.chain)
    return Span(destination, start_at, end_at)


def payable_stays(person: list[Claim], registers: Registers) -> list[Span]:
    return [chain_span(c) for c in person if c.payable and registers.book.is_stay(c.care_type)]


def ward_transfer(person: list[Claim], registers: Registers) -> None:
    """Phase 5: one case, priced at the destination."""
    rule = "WARD_TRANSFER"
    claims = [claim for claim in judged(rule, person, registers) if registers.book.is_stay(claim.care_type)]
    for group in grouped(claims, lambda claim: (claim.care_type, claim.facility_id)):
        for chain in _chains(sorted(group, key=lambda claim: claim.by_start), registers):
            destination = max(chain, key=lambda claim: (claim.end_at, claim.start_at, claim.place))
            join_case(chain)
            for claim in chain:
                claim.chain = chain
                if claim is not destination:
                    claim.merge(rule, destination)


def _chains(by_start: list[Claim], registers: Registers) -> list[list[Claim]]:
    chains: list[list[Claim]] = []
    for claim in by_start:
        gap = timedelta(hours=amount("WARD_TRANSFER", "gap_hours", claim, registers))
        if chains and claim.start_at <= max(other.end_at for other in chains[-1]) + gap:
            chains[-1].append(claim)
        else:
            chains.append([claim])
    return chains


def minimum_stay(person: list[Claim], registers: Registers) -> None:
    """Phase 6: 24 hours or less; by dates where no times are given."""
    rule = "MINIMUM_STAY"
    for claim in judged(rule, person, registers):
        if not registers.book.is_stay(claim.care_type):
            continue
        stay = chain_span(claim)
        hours = timedelta(hours=amount(rule, "hours", claim, registers))
        if both_midnight(stay.start_at, stay.end_at):
            too_short = stay.start_at.date() == stay.end_at.date()
        else:
            too_short = stay.end_at - stay.start_at <= hours
        if too_short:
            claim.deny("STAY_TOO_SHORT")


def bundled_in_stay(person: list[Claim], registers: Registers) -> None:
    """Phase 7: within chains of stay care types first, then within other claims; each pass judges all at once."""
    _bundle(person, payable_stays(person, registers), registers)
    others = [c for c in person if c.payable and not registers.book.is_stay(c.care_type)]
    _bundle(person, [Span(claim, claim.start_at, claim.end_at) for claim in others], registers)


def _bundle(person: list[Claim], spans: list[Span], registers: Registers) -> None:
    rule = "BUNDLED_IN_STAY"
    containers = [span for span in spans if on(rule, span.paid, registers)]
    found = []
    for claim in judged(rule, person, registers):
        if _stands_alone(claim, registers):
            continue
        around = [span for span in containers if _contains(span, claim, registers)]
        if around:
            found.append((claim, min(around, key=lambda span: (span.start_at, span.paid.place)).paid))
    for claim, container in found:
        claim.deny(rule, container)


def _stands_alone(claim: Claim, registers: Registers) -> bool:
    """Traditional and rehabilitation claims of more than 24 hours are stays of their own."""
    exempt = listed(claim.care_type, "BUNDLED_IN_STAY", "exempt_long", claim, registers)
    return exempt and claim.end_at - claim.start_at > ONE_DAY


def _contains(span: Span, claim: Claim, registers: Registers) -> bool:
    bundled_in = split(registers.book.care_type(claim.care_type, claim.pricing_day)["bundled_in"])
    if (
        span.paid is claim
        or span.paid.care_type not in bundled_in
        or span.paid.facility_id != claim.facility_id
    ):
        return False
    boundary = registers.book.parameter("BUNDLED_IN_STAY", "boundary", claim.pricing_day)
    if boundary == "days":
        return span.start_at.date() <= claim.start_day <= span.end_at.date()
    if boundary == "inner_days":
        return span.start_at.date() < claim.start_day < span.end_at.date()
    if boundary == "time":
        return span.start_at <= claim.start_at < span.end_at
    raise ValueError(f"BUNDLED_IN_STAY: boundary {boundary!r} is not days, inner_days or time")

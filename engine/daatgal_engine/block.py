"""Blocks of people: what the phases read and write.

In: the SEATED records of a bucket of people. Out: a block of them, arranged by person and claim order, so that a phase
scans neighbours in memory and "first" means the lower position. Source: rules.md §1, §3.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import KEY_WORDS
from daatgal_engine.book import Records
from daatgal_engine.claim_records import CLAIM, DENIED, MERGED, REDUCED, unfold
from daatgal_engine.columns import I64, U64, Element, Int

PERSON_SHIFT = np.int64(37)
"""Of the person in what `place_of` makes."""


class People(NamedTuple):
    """The people of a block."""

    first: I64
    """people + 1: the claims of person `p` are at `first[p] : first[p + 1]`"""
    care_types: U64
    """the care types of a person's claims, as a mask: what a phase need not look at is passed over by it"""
    stays: I64
    """how many of a person's claims are of care types that are stays"""


class Scratch(NamedTuple):
    """Working memory of a block of `m` positions."""

    pick: I64
    """positions under consideration"""
    first: I64
    """per pick, the first pick with an equal key"""
    key: I64
    """(m, KEY_WORDS)"""
    table: I64
    """at least 2 * m slots"""
    major: I64
    """by position, as is `minor`: sort keys"""
    minor: I64
    spare: I64
    reach: I64
    """per pick: the latest end so far"""
    tally: I64
    """per pick: a running number"""


class Room(NamedTuple):
    """Memory to settle one bucket after another in, as long as the longest."""

    block: Records
    """CLAIM"""
    people: People
    scratch: Scratch


def room_for(claims: int) -> Room:
    """Room for buckets of up to `claims` claims."""
    slots = 1 << max(1, (2 * claims - 1).bit_length())
    scratch = Scratch(
        pick=np.empty(claims, np.int64),
        first=np.empty(claims, np.int64),
        key=np.empty((claims, KEY_WORDS), np.int64),
        table=np.empty(slots, np.int64),
        major=np.empty(claims, np.int64),
        minor=np.empty(claims, np.int64),
        spare=np.empty(claims, np.int64),
        reach=np.empty(claims, np.int64),
        tally=np.empty(claims, np.int64),
    )
    people = People(np.empty(claims + 1, np.int64), np.empty(claims, np.uint64), np.empty(claims, np.int64))
    return Room(np.recarray(claims, CLAIM), people, scratch)


@kernel
def gather_people(claims: Records, order: I64, people: People, block: Records) -> None:
    """Copy `claims` together in `order`, each a case of its own, and note what each of the `people` has."""
    for p in range(people.stays.size):
        care_types, stays = np.uint64(0), np.int64(0)
        for i in range(people.first[p], people.first[p + 1]):
            unfold(claims[order[i]], block[i])
            block[i].case = i
            care_types |= np.uint64(1) << np.uint64(block[i].care_type)
            stays += block[i].stay
        people.care_types[p] = care_types
        people.stays[p] = stays


@kernel
def write_back(block: Records, outcomes: Records) -> None:
    """Write what became of each claim to its row; what a denied or merged one would have been paid is deducted."""
    for i in range(block.size):
        claim, outcome = block[i], outcomes[block[i].row]
        outcome.decision = claim.decision
        outcome.reasons = claim.reasons
        outcome.related = claim.related
        outcome.case = block[first_of_case(block, i)].row
        outcome.fund_mnt = claim.fund_mnt
        outcome.copay_mnt = claim.copay_mnt
        outcome.excess_mnt = claim.excess_mnt
        outcome.deducted_mnt = 0 if payable(block, i) else claim.gross_mnt


@kernel
def place_of(person: Int, facility: Int, care_type: Int) -> Int:
    """Person, facility and care type as one sort key: 64 care types, 2^31 facilities, 2^26 people in a bucket."""
    return (np.int64(person) << PERSON_SHIFT) | (np.int64(facility) << 6) | np.int64(care_type)


@kernel
def payable(block: Records, i: Int) -> bool:
    """Whether the claim at position `i` is neither denied nor merged so far."""
    return block.decision[i] <= REDUCED


@kernel
def deny(block: Records, i: Int, reason: np.uint64) -> None:
    """Deny the claim at position `i`."""
    block.decision[i] = DENIED
    block.reasons[i] |= reason


@kernel
def deny_for(block: Records, i: Int, reason: np.uint64, evidence: Element) -> None:
    """Deny the claim at position `i` because of the claim at position `evidence`."""
    block.decision[i] = DENIED
    block.reasons[i] |= reason
    block.related[i] = block[evidence].row


@kernel
def merge_into(block: Records, i: Int, reason: np.uint64, paid: Element) -> None:
    """Merge the claim at position `i` into the case paid at position `paid`."""
    block.decision[i] = MERGED
    block.reasons[i] |= reason
    block.related[i] = block[paid].row


@kernel
def first_of_case(block: Records, i: Int) -> Int:
    """The position of the first claim of the case of position `i`; the way to it is halved for who asks next."""
    while block.case[i] != i:
        block.case[i] = block.case[block.case[i]]
        i = block.case[i]
    return i


@kernel
def unite(block: Records, a: Int, b: Element) -> None:
    """Make the cases of two claims one; its first claim is the earlier of their first ones."""
    a, b = first_of_case(block, a), first_of_case(block, b)
    block.case[max(a, b)] = min(a, b)

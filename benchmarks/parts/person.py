"""One person with thousands of claims (dialysis, a test id): settling must not take the square of their number."""

import pyarrow as pa

from benchmarks.data import Registers, accepted_claims, decoded, registers, with_accepted
from benchmarks.pairs import exponent, seconds
from benchmarks.results import Part, Target, average, shown
from benchmarks.settings import Settings
from daatgal.settlement import settle_claims

REPEATS = 5
SHORTEST_S = 1e-4
"""What is not told from an empty batch is taken for this."""


def measure(settings: Settings) -> Part:
    data = with_accepted(settings.cache, max(settings.person))
    claims, beside = accepted_claims(data), registers(data)
    claims = claims.filter(pa.compute.not_equal(claims["message"].fill_null("original"), "cancellation"))
    sizes = [min(size, claims.num_rows) for size in settings.person]
    one = [_settling(_of_one_person(claims.slice(0, size)), beside) for size in sizes]
    many = [_settling(claims.slice(0, size), beside) for size in sizes]
    empty = _settling(claims.slice(0, 0), beside)
    power = exponent(sizes, [max(took - empty, SHORTEST_S) for took in one])
    return Part(
        title="One person with many claims",
        head=["claims", "of one person, s", "of many people, s", "one / many"],
        table=[
            [f"{size:,}", shown(a), shown(b), f"{a / b:.2f}"] for size, a, b in zip(sizes, one, many, strict=True)
        ],
        targets=[
            Target(
                f"settling {sizes[0]:,} to {sizes[-1]:,} claims of one person",
                "exponent ≤ 1.2",
                f"{power:.2f}",
                power <= 1.2,
            )
        ],
        notes=[
            (f"Pricing and settling of decoded claims in memory, medians of {REPEATS}; the exponent leaves out the "
            f"{shown(empty)} s that an empty batch takes (compiling the book)."),
        ],
    )  # fmt: skip


def _of_one_person(claims: pa.Table) -> pa.Table:
    place = claims.column_names.index("insured_id")
    same = pa.array(["one person"] * claims.num_rows)
    return claims.set_column(place, "insured_id", same)


def _settling(claims: pa.Table, beside: Registers) -> float:
    found = decoded(claims, beside)
    settle_claims(found, beside.facilities, beside.book)
    return average(
        [seconds(lambda: settle_claims(found, beside.facilities, beside.book)) for _ in range(REPEATS)]
    )

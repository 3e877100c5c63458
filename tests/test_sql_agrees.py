"""The SQL implementations and the oracle, three readings of one text, agree on every column of the ledger."""

from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from benchmarks.sql import inputs
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.registers import facilities, insured
from tests.oracle import judge
from tests.sql_accepted import accepted, to_arrow
from tests.sql_engines import ENGINES
from tests.sql_engines import engine as start

PEOPLE = 40
KEYS = ("insured_id", "facility_id", "care_type", "start_at", "end_at")


class Scene(NamedTuple):
    """A batch with its book and registers, and what the oracle made of it."""

    inputs: dict[str, Any]
    kept: list[dict[str, Any]]
    expected: list[dict[str, Any]]


@pytest.fixture(
    scope="module", params=[(1, "string", True), (2, "int64", True), (3, "string", False)], ids=str
)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    seed, ids, with_insured = request.param
    book = write_adversarial_book(tmp_path_factory.mktemp("book") / "book", seed)
    rows = claims(2_000, seed, people=PEOPLE, ids=ids)
    people = insured(PEOPLE, seed, ids) if with_insured else None
    judged = judge(rows, book=book, facilities=facilities(), insured=people)
    kept = accepted(rows, {row["row"] for row in judged.quarantine})
    id_type = pa.int64() if ids == "int64" else pa.string()
    tables = {
        "claims": to_arrow(kept, inputs.CLAIMS, id_type),
        "facilities": to_arrow(facilities(), inputs.FACILITIES, id_type),
        "insured": to_arrow(people, inputs.INSURED, id_type) if people is not None else None,
        "book": book,
    }
    return Scene(tables, kept, judged.ledger)


@pytest.mark.parametrize("name", ENGINES)
def test_awkward_claims_end_the_same(scene: Scene, name: str) -> None:
    with start(name) as engine:
        ledger = engine(**scene.inputs).to_pylist()
    assert len(ledger) == len(scene.expected) > 1_500
    different = [
        (column, found, expected)
        for found, expected, row in zip(ledger, scene.expected, scene.kept, strict=True)
        for column in compared(row)
        if found[column] != expected[column]
    ]
    assert different[:3] == []


def compared(row: dict[str, Any]) -> list[str]:
    """Every column of the ledger; a cancellation's own fields are whatever it holds."""
    return [name for name in inputs.LEDGER if row["message"] != "cancellation" or name not in KEYS]

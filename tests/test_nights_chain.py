"""Nights on disk: a chain of released runs, each naming the one before; what is not one is refused with a reason."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.errors import DaatgalError, InputError, OutputError
from daatgal.outputs import read_manifest, release, verify
from daatgal.pipeline import run_night
from tests.adversarial.table import facilities_table
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, at, cancellation, claim
from tests.engine_judge import decisions_table
from tests.night_by_night import as_claims, by_claim, standing

RULES = {"BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": ""}, "EXACT_DUPLICATE": {}}
VISIT = ("outpatient", "2024-03-03 10:00", "2024-03-03 11:00")
STAY = claim("S", "inpatient", "2024-03-01", "2024-03-05", icd10="G40.1")
STRANGER = claim("X", "outpatient", "2024-05-01", insured_id="Q")


def visit(claim_id: object, **columns: object) -> dict:
    return claim(claim_id, *VISIT, **columns)


class Desk:
    """A folder with a book and facilities, in which nights are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = write_case_book(folder / "book", RULES, {})
        self.facilities = folder / "facilities.parquet"
        pq.write_table(facilities_table(FACILITIES), self.facilities)

    def given(self, name: str, rows: list[dict], ids: pa.DataType | None = None) -> Path:
        path = self.folder / f"{name}.parquet"
        pq.write_table(as_claims(rows, ids or pa.string()), path)
        return path

    def night(self, name: str, rows: list[dict], history: tuple[Path, ...] = (), **more: Any) -> Path:
        tables = {"facilities": self.facilities, "tariff": self.book}
        run_night(claims=self.given(name, rows), **tables, out=self.folder / name, history=history, **more)
        return self.folder / name


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three nights: a visit, the stay that takes it back, and someone else."""
    desk = Desk(tmp_path_factory.mktemp("three"))
    first = desk.night("one", [visit("V")])
    second = desk.night("two", [STAY], (first,))
    return desk, (first, second, desk.night("three", [STRANGER], (first, second)))


def test_each_manifest_names_the_run_before(three):
    _, folders = three
    manifests = [read_manifest(folder) for folder in folders]
    assert [manifest["previous_run"] for manifest in manifests] == [
        None,
        manifests[0]["run_hash"],
        manifests[1]["run_hash"],
    ]
    assert all(verify(folder).ok for folder in folders)
    assert [manifest["control_totals"]["adjustments"] for manifest in manifests] == [0, 1, 0]
    assert [manifest["control_totals"]["as_of"] for manifest in manifests] == [
        "2024-03-03",
        "2024-03-05",
        "2024-05-01",
    ]


def test_the_standing_ledger_is_read_from_the_chain(three):
    rows = standing(list(three[1]))
    assert {key: row["decision"] for key, row in rows.items()} == {"V": "denied", "S": "paid", "X": "paid"}


def test_the_same_night_again_is_nothing_to_do(three):
    desk, folders = three
    before = {path: path.stat().st_mtime_ns for path in folders[2].rglob("*")}
    desk.night("three", [STRANGER], folders[:2])
    assert {path: path.stat().st_mtime_ns for path in folders[2].rglob("*")} == before


def test_the_same_claims_after_another_history_are_another_run(three):
    desk, folders = three
    with pytest.raises(OutputError, match="differs in the history"):
        desk.night("three", [STRANGER], folders[:1])


@pytest.mark.parametrize(
    "chosen",
    [(0, 2), (1, 2), (2, 1, 0), (1, 0), (1,), (0, 0), (0, 1, 1)],
    ids=lambda chosen: "-".join(map(str, chosen)),
)
def test_what_is_not_a_chain_is_refused(three, tmp_path, chosen):
    """Runs missing in the middle or at the beginning, in the wrong order, or given twice."""
    _, folders = three
    with pytest.raises(
        InputError, match=r"as the run before it, found .*; expected the folders of the whole chain"
    ):
        Desk(tmp_path).night("next", [visit("W")], tuple(folders[place] for place in chosen))
    assert not (tmp_path / "next" / "manifest.json").exists()


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to))


def test_a_changed_manifest_is_refused(three, tmp_path):
    changed = copied(three[1][0], tmp_path / "one")
    manifest = changed / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"withheld": false', b'"withheld": true '))
    with pytest.raises(OutputError, match="was changed after it was written"):
        Desk(tmp_path).night("next", [visit("W")], (changed,))


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"has no manifest\.json; expected the folder of a finished run"):
        Desk(tmp_path).night("next", [visit("W")], (tmp_path / "book",))


@pytest.mark.parametrize("table", ["state", "ids"])
@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_damaged_part_is_named(three, tmp_path, table, damage):
    broken = copied(three[1][0], tmp_path / "one")
    part = broken / table / "part-00000.parquet"
    if damage == "missing":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(
        InputError, match=f"{table}/part-00000.parquet: is missing or not as long as its manifest"
    ):
        Desk(tmp_path).night("next", [visit("W")], (broken,))


@pytest.mark.parametrize("table", ["state", "ids"])
def test_one_changed_byte_of_the_history_is_refused(three, tmp_path, table):
    """The money of a later night would follow from it."""
    broken = copied(three[1][0], tmp_path / "one")
    part = broken / table / "part-00000.parquet"
    content = bytearray(part.read_bytes())
    content[len(content) // 3] ^= 1
    part.write_bytes(content)
    with pytest.raises(InputError, match=f"{table}/part-00000.parquet: its content is not what its manifest"):
        Desk(tmp_path).night("next", [visit("W")], (broken,))


def test_a_held_run_is_history_once_it_is_released(desk):
    first = desk.night("one", [visit("V"), visit(None)])
    assert read_manifest(first)["held"]
    with pytest.raises(InputError, match="this run is held; `daatgal release` it"):
        desk.night("two", [STAY], (first,))
    release(first, who="Сараа")
    second = desk.night("two", [STAY], (first,))
    assert by_claim(pq.read_table(second / "adjustments").to_pylist()).keys() == {"V"}


def test_ids_of_another_kind_are_refused(desk):
    pq.write_table(as_claims([visit(1, insured_id=7)], pa.int64()), desk.folder / "numbers.parquet")
    tables = {"facilities": desk.facilities, "tariff": desk.book}
    run_night(claims=desk.folder / "numbers.parquet", **tables, out=desk.folder / "one")
    with pytest.raises(
        InputError, match="claims: claim_id: found no id that is of the history's kind, expected whole"
    ):
        desk.night("two", [visit("V")], (desk.folder / "one",))
    with pytest.raises(InputError, match="claims: insured_id: found no id that is of the history's kind"):
        desk.night("two", [visit("2", insured_id="P")], (desk.folder / "one",))


def test_numbers_in_text_go_on_with_a_history_of_numbers(desk):
    """As a CSV night after a Parquet one: what is no number is a row's fault, not the night's."""
    tables = {"facilities": desk.facilities, "tariff": desk.book}
    run_night(
        claims=desk.given("numbers", [visit(1, insured_id=7)], pa.int64()), **tables, out=desk.folder / "one"
    )
    rows = [visit("2", insured_id="7"), visit("3", insured_id="8"), visit("x", insured_id="7")]
    rows += [visit("5", insured_id="0x9"), cancellation("6", "z"), visit("1", insured_id="7")]
    second = desk.night("two", rows, (desk.folder / "one",), held_share=10_000)
    ledger = by_claim(pq.read_table(second / "ledger").to_pylist())
    assert {key: row["decision"] for key, row in ledger.items()} == {2: "denied", 3: "paid"}
    quarantine = pq.read_table(second / "quarantine").to_pylist()
    assert [(row["row"], row["error_codes"]) for row in quarantine] == [
        (2, ["BAD_TYPE"]),
        (3, ["BAD_TYPE"]),
        (4, ["BAD_TYPE"]),
        (5, ["DUPLICATE_CLAIM_ID"]),
    ]


@pytest.mark.parametrize("strangers", [0, 1])
def test_a_night_that_knows_nobody_keeps_the_kind_of_the_ids(desk, strangers):
    """Its ids are text, and it has no claims or those of a stranger; the night after still finds its people."""
    tables = {"facilities": desk.facilities, "tariff": desk.book}
    first = desk.folder / "one"
    run_night(claims=desk.given("numbers", [visit(1, insured_id=7)], pa.int64()), **tables, out=first)
    empty = desk.night("empty", [visit("9", insured_id="8")] * strangers, (first,))
    third = desk.folder / "three"
    claims = desk.given("more", [visit(2, insured_id=7)], pa.int64())
    run_night(claims=claims, **tables, out=third, history=(first, empty))
    (row,) = pq.read_table(third / "ledger").to_pylist()
    assert (row["claim_id"], row["reasons"], row["related_claim_id"]) == (2, ["EXACT_DUPLICATE"], 1)


def test_the_first_night_may_be_empty(desk):
    first = desk.night("one", [])
    second = desk.night("two", [visit("V")], (first,))
    third = desk.night("three", [visit("W")], (first, second))
    assert standing([first, second, third])["W"]["related_claim_id"] == "V"


def test_the_command_line_takes_nights(desk):
    """--history once for each night, --decisions, --as-of."""
    claims = {
        name: desk.given(name, rows) for name, rows in {"1": [visit("V")], "2": [STAY], "3": []}.items()
    }
    pq.write_table(
        decisions_table(
            [{"claim_id": "V", "decision": "paid", "fund_mnt": 9_000, "copay_mnt": 0, "at": at("2024-06-01")}]
        ),
        desk.folder / "decisions.parquet",
    )

    def invoke(night: str, *more: object) -> dict:
        given = ["run", claims[night], "--facilities", desk.facilities, "--tariff", desk.book]
        arguments = [*given, "--out", desk.folder / f"out {night}", "--json", *more]
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        content = json.loads(done.stdout)
        return content["manifest"] if done.exit_code == 0 else content

    invoke("1")
    first = ("--history", desk.folder / "out 1")
    taken = invoke("2", *first, "--as-of", "2026-02-01")
    assert taken["parameters"]["as_of"] == "2026-02-01"
    (row,) = pq.read_table(desk.folder / "out 2" / "adjustments").to_pylist()
    assert (row["claim_id"], row["decision"], row["closed"]) == ("V", "denied", True)
    assert "the folders of the whole chain" in invoke("3", "--history", desk.folder / "out 2")["error"]
    both = (*first, "--history", desk.folder / "out 2")
    decided = invoke("3", *both, "--decisions", desk.folder / "decisions.parquet")
    assert [file["role"] for file in decided["inputs"]] == ["claims", "facilities", "decisions"]
    (row,) = pq.read_table(desk.folder / "out 3" / "adjustments").to_pylist()
    assert (row["decision"], row["reasons"]) == ("paid", ["MANUAL", "BUNDLED_IN_STAY"])


def test_as_of_is_a_day(desk):
    arguments = ["run", "c", "--facilities", "f", "--tariff", "t", "--out", "o", "--as-of", "yesterday"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert not Path("o").exists()


def test_the_day_given_is_part_of_the_run(desk):
    out = desk.night("one", [visit("V")], as_of=date(2025, 1, 1))
    assert read_manifest(out)["control_totals"]["as_of"] == "2025-01-01"
    with pytest.raises(DaatgalError, match="which differs in as_of"):
        desk.night("one", [visit("V")], as_of=date(2025, 1, 2))

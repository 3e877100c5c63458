"""`daatgal run`, `daatgal train`, `daatgal score` and `daatgal verify`: scores on disk, night after night."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.outputs import read_manifest, verify
from tests.scoring_nights import BOOK, batch


def _invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


class Folders:
    """Two nights of claims, the first without history, on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        made = batch()
        claims = made.claims
        early = pc.less(
            claims["submitted_at"],
            pc.quantile(claims["submitted_at"].cast(pa.int64()), 0.5)[0]
            .cast(pa.int64())
            .cast(claims["submitted_at"].type),
        )
        self.claims = {"one": claims.filter(early), "two": claims.filter(pc.invert(early))}
        for name, table in self.claims.items():
            pq.write_table(table, root / f"{name}.parquet")
        pq.write_table(made.facilities, root / "facilities.parquet")
        pq.write_table(made.insured, root / "insured.parquet")
        self.registers = ("--facilities", root / "facilities.parquet", "--tariff", BOOK)

    def run(self, night: str, out: str, *more: object, command: str = "run") -> Any:
        tables = (*self.registers, "--insured", self.root / "insured.parquet")
        return _invoke(command, self.root / f"{night}.parquet", *tables, "--out", self.root / out, *more)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    folders = Folders(tmp_path_factory.mktemp("nights"))
    one = folders.run("one", "first")
    assert one.exit_code == 0, one.stderr
    two = folders.run("two", "second", "--history", folders.root / "first")
    assert two.exit_code == 0, two.stderr
    trained = _invoke(
        "train", "--history", folders.root / "first", *folders.registers, "--out", folders.root / "model"
    )
    assert trained.exit_code == 0, trained.stderr
    return folders


@pytest.fixture(scope="module")
def rescored(nights: Folders) -> tuple[object, ...]:
    """The second night scored once more, into `again`: the command that did it."""
    command = ("score", nights.root / "second", "--model", nights.root / "model", *nights.registers)
    command = (*command, "--history", nights.root / "first", "--out", nights.root / "again")
    done = _invoke(*command)
    assert done.exit_code == 0, done.stderr
    assert "scored" in done.stdout
    return command


def _scoring(folder: Path) -> dict[str, Any]:
    return read_manifest(folder)["control_totals"]["scoring"]


def test_a_first_run_is_trained_on_itself_and_says_so(nights: Folders) -> None:
    about = _scoring(nights.root / "first")["model"]
    assert about["on_itself"] is True
    shown = nights.run("one", "first").stdout
    assert "trained on" in shown
    assert "claims of these very claims, as there is no history" in shown
    ledger = pq.read_table(nights.root / "first" / "ledger")
    standing = pc.sum(pc.not_equal(ledger["decision"].cast(pa.string()), "voided")).as_py()
    assert about["training_claims"] == standing
    assert pq.read_table(nights.root / "first" / "scores").num_rows == standing


def test_a_later_run_is_trained_on_its_history(nights: Folders) -> None:
    about = _scoring(nights.root / "second")["model"]
    assert about["on_itself"] is False
    assert about["training_claims"] == _scoring(nights.root / "first")["model"]["training_claims"]


def test_train_gives_the_model_that_the_night_made_of_its_history(nights: Folders) -> None:
    model = json.loads((nights.root / "model" / "model.json").read_text())
    assert model["sha256"] == _scoring(nights.root / "second")["model_sha256"]
    again = _invoke(
        "train",
        "--history",
        nights.root / "first",
        *nights.registers,
        "--out",
        nights.root / "model",
        "--json",
    )
    assert again.exit_code == 0
    told = json.loads(again.stdout)
    assert told["sha256"] == model["sha256"]
    assert told["model"]["on_itself"] is False


def test_a_run_with_a_model_names_it_and_scores_alike(nights: Folders) -> None:
    done = nights.run(
        "two", "modelled", "--history", nights.root / "first", "--model", nights.root / "model", "--json"
    )
    assert done.exit_code == 0, done.stderr
    manifest = json.loads(done.stdout)["manifest"]
    assert manifest["model"] == _scoring(nights.root / "second")["model_sha256"]
    part = Path("scores") / "part-00000.parquet"
    assert (nights.root / "modelled" / part).read_bytes() == (nights.root / "second" / part).read_bytes()
    assert verify(nights.root / "modelled").ok


def test_a_finished_run_is_scored_again_to_the_same_bytes(
    nights: Folders, rescored: tuple[object, ...]
) -> None:
    """From `state/` alone: without the claims, the insured and the rules, what a night computed comes out again."""
    for table in ("scores", "drift"):
        part = Path(table) / "part-00000.parquet"
        assert (nights.root / "again" / part).read_bytes() == (nights.root / "second" / part).read_bytes()
    assert verify(nights.root / "again").ok
    assert _invoke(*rescored).stdout.startswith("nothing to do: ")
    assert json.loads(_invoke(*rescored, "--json").stdout)["unchanged"] is True
    other = _invoke(*rescored, "--reasons-percentile", 50)
    assert other.exit_code == 1
    assert "which differs in reasons_percentile" in other.stderr


def test_settle_scores_nothing_and_can_be_history(nights: Folders) -> None:
    assert nights.run("one", "settled", command="settle").exit_code == 0
    assert not (nights.root / "settled" / "scores").exists()
    assert "scoring" not in read_manifest(nights.root / "settled")["control_totals"]
    done = nights.run("two", "after-settled", "--history", nights.root / "settled")
    assert done.exit_code == 0, done.stderr
    part = Path("scores") / "part-00000.parquet"
    assert (nights.root / "after-settled" / part).read_bytes() == (nights.root / "second" / part).read_bytes()


def test_settle_takes_earlier_nights_and_says_what_the_whole_night_says(nights: Folders) -> None:
    earlier = ("--history", nights.root / "first")
    assert nights.run("two", "second-settled", *earlier, command="settle").exit_code == 0
    for table in ("ledger", "adjustments", "state"):
        part = Path(table) / "part-00000.parquet"
        settled, whole = (nights.root / night / part for night in ("second-settled", "second"))
        assert settled.read_bytes() == whole.read_bytes()


def test_verify_covers_scores(nights: Folders) -> None:
    first = nights.root / "first"
    totals = read_manifest(first)["control_totals"]["scores"]
    assert totals["rows"] == pq.read_table(first / "scores").num_rows
    part = first / "scores" / "part-00000.parquet"
    content = part.read_bytes()
    part.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
    try:
        found = _invoke("verify", first)
        assert found.exit_code == 1
        assert "scores/part-00000.parquet: its bytes changed" in found.stderr
    finally:
        part.write_bytes(content)
    assert _invoke("verify", first).exit_code == 0


def test_a_drifted_night_is_warned_of_and_ends_well(nights: Folders) -> None:
    claims = nights.claims["two"]
    billed = pc.multiply(claims["billed_mnt"], 4)
    dear = claims.set_column(claims.column_names.index("billed_mnt"), "billed_mnt", billed)
    pq.write_table(dear, nights.root / "dear.parquet")
    done = nights.run("dear", "dear", "--history", nights.root / "first", "--model", nights.root / "model")
    assert done.exit_code == 0, done.stderr
    assert "warning: billed_to_tariff has drifted since training" in done.stdout
    drift = {row["feature"]: row for row in pq.read_table(nights.root / "dear" / "drift").to_pylist()}
    assert drift["billed_to_tariff"]["warns"]
    assert _scoring(nights.root / "dear")["warnings"]


def test_a_night_of_one_claim_is_not_scored_and_says_why(nights: Folders) -> None:
    pq.write_table(nights.claims["one"].slice(0, 1), nights.root / "single.parquet")
    done = nights.run("single", "single")
    assert done.exit_code == 0, done.stderr
    assert "not scored: training: found 1 claims that stand, expected at least 2" in done.stdout
    assert not (nights.root / "single" / "scores").exists()
    assert verify(nights.root / "single").ok


def test_what_is_no_model_ends_with_one_friendly_line(nights: Folders) -> None:
    done = nights.run("one", "nowhere", "--model", nights.root / "first")
    assert done.exit_code == 1
    assert "has no model.json; expected a folder of `daatgal train`" in done.stderr
    assert not (nights.root / "nowhere" / "manifest.json").exists()
    done = _invoke(
        "score", nights.root / "model", "--model", nights.root / "model", *nights.registers, "--out",
        nights.root / "nowhere", "--json",
    )  # fmt: skip
    assert done.exit_code == 1
    assert "has no manifest.json" in json.loads(done.stdout)["error"]
    assert _invoke("score", nights.root / "first").exit_code == 2
    assert _invoke("train", "--out", nights.root / "x", *nights.registers).exit_code == 2


@pytest.mark.usefixtures("rescored")
def test_scores_alone_are_no_history(nights: Folders) -> None:
    done = nights.run("two", "no", "--history", nights.root / "again")
    assert done.exit_code == 1
    assert "expected the folder of a `daatgal run`" in done.stderr

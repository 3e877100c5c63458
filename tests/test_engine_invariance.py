"""The product's ledger is a function of the set of claims, and what changes it changes what the rules say."""

import random
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

import daatgal
from daatgal import settlement
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.registers import facilities, insured
from tests.adversarial.table import facilities_table, insured_table, to_table
from tests.engine_judge import judge
from tests.scale import scaled, some_of

pytestmark = pytest.mark.kernels

SEEDS = some_of((0, 1, 2), 3)
ROWS = 1_500
PEOPLE = 9


@pytest.fixture(scope="module", params=SEEDS)
def scene(request, tmp_path_factory):
    """Awkward rows, and the registers and book that they are judged by."""
    seed = request.param
    ids = ("string", "int64")[seed % 2]
    rows = claims(scaled(ROWS, at_least=40), 40 + seed, people=PEOPLE, ids=ids)
    book = write_adversarial_book(tmp_path_factory.mktemp("book") / "book", seed)
    return rows, {"facilities": facilities(), "insured": insured(PEOPLE, seed, ids), "book": book}


@pytest.fixture(scope="module")
def table(scene):
    """The same as Arrow tables, and what comes of them."""
    rows, given = scene
    claims_table = to_table(rows)
    registers = {
        "facilities": facilities_table(given["facilities"]),
        "insured": insured_table(given["insured"]),
        "tariff": given["book"],
    }
    return claims_table, registers, daatgal.settle(claims_table, **registers)


def assert_same(found: daatgal.Settlement, wanted: daatgal.Settlement) -> None:
    """Byte for byte, but for where chunks end."""
    for name in ("ledger", "quarantine", "summary"):
        one, other = getattr(found, name).combine_chunks(), getattr(wanted, name).combine_chunks()
        one.validate(full=True)
        assert one.schema == other.schema
        assert one.equals(other), name


def by_content(rows: list[dict], given: dict) -> tuple[dict, Counter]:
    """The ledger by claim; what of which row is in quarantine, wherever the row stands."""
    result = judge(rows, **given)
    quarantine = Counter((repr(rows[fault["row"]]), *fault["error_codes"]) for fault in result.quarantine)
    return {row["claim_id"]: row for row in result.ledger}, quarantine


def test_row_order_does_not_matter(scene):
    rows, given = scene
    wanted, quarantined = by_content(rows, given)
    for seed in (0, 1):
        turned = random.Random(seed).sample(rows, len(rows))
        found, set_aside = by_content(turned, given)
        assert found == wanted
        assert set_aside.total() == quarantined.total()
    assert by_content(rows[::-1], given)[0] == wanted


def test_chunks_do_not_matter(table):
    claims_table, registers, wanted = table
    rng = random.Random(0)
    ends = sorted(rng.randrange(claims_table.num_rows + 1) for _ in range(12))
    pieces = [
        claims_table.slice(begin, end - begin)
        for begin, end in zip([0, 0, *ends], [0, *ends, claims_table.num_rows], strict=True)
    ]
    assert_same(daatgal.settle(pa.concat_tables(pieces), **registers), wanted)
    padded = pa.concat_tables([claims_table.slice(0, 5), claims_table, claims_table.slice(3)])
    assert_same(daatgal.settle(padded.slice(5, claims_table.num_rows), **registers), wanted)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_do_not_matter(table, monkeypatch, threads):
    claims_table, registers, wanted = table
    monkeypatch.setattr(settlement.os, "cpu_count", lambda: threads)
    monkeypatch.setattr(settlement, "CHUNK_ROWS", 64)
    monkeypatch.setattr(settlement, "BUCKET_ROWS", 16)
    assert_same(daatgal.settle(claims_table, **registers), wanted)


@pytest.mark.parametrize("bucket_rows", [1, 7, 200])
def test_buckets_do_not_matter(table, monkeypatch, bucket_rows):
    claims_table, registers, wanted = table
    monkeypatch.setattr(settlement, "BUCKET_ROWS", bucket_rows)
    assert_same(daatgal.settle(claims_table, **registers), wanted)


def test_an_unrelated_person_changes_nothing(scene):
    rows, given = scene
    strangers = [
        row | {"claim_id": strange(row["claim_id"]), "insured_id": strange(row["insured_id"])}
        for row in claims(
            scaled(ROWS // 3, at_least=30), 77, people=3, ids=kind_of(rows), messages=0, faulty=0
        )
    ]
    alone, together = judge(rows, **given), judge(rows + strangers, **given)
    assert together.ledger[: len(alone.ledger)] == alone.ledger
    assert together.quarantine[: len(alone.quarantine)] == alone.quarantine
    strange_ids = {row["insured_id"] for row in together.ledger[len(alone.ledger) :]}
    assert len(strange_ids) == 3


def kind_of(rows: list[dict]) -> str:
    return "int64" if any(isinstance(row["claim_id"], int) for row in rows) else "string"


def strange(identifier: str | int) -> str | int:
    """An id that no awkward row has."""
    return identifier + 2**61 if isinstance(identifier, int) else f"{identifier} of a stranger"


def unmentioned(rows: list[dict]) -> set:
    """Ids of originals that no other row shares or names."""
    times = Counter(row["claim_id"] for row in rows)
    named = {row.get("replaces_claim_id") for row in rows}
    return {
        row["claim_id"]
        for row in rows
        if row["message"] in {None, "original"}
        and row["claim_id"] not in named
        and times[row["claim_id"]] == 1
    }


def test_removing_a_denied_duplicate_changes_nothing_else(scene):
    """Not one that says what its original does not: a test found positive counts although its claim is denied."""
    rows, given = scene
    alone = unmentioned(rows)
    negative = {row["claim_id"] for row in rows if row["test_result"] != "positive"}
    before = judge(rows, **given).ledger
    removed = {
        row["claim_id"]
        for row in before
        if row["reasons"][:1] == ["EXACT_DUPLICATE"] and row["claim_id"] in alone & negative
    }
    assert removed
    after = judge([row for row in rows if row["claim_id"] not in removed], **given).ledger
    assert after == [row for row in before if row["claim_id"] not in removed]


CAPS = ("month_mnt", "quarter_mnt", "limit_mnt")


def test_doubling_the_caps_never_lowers_the_funds_part(scene, tmp_path):
    """By insured and year: a quarter's cap that an earlier month uses up may leave less for a later one."""
    rows, given = scene
    richer = double_caps(given["book"], tmp_path / "richer")
    poor, rich = (
        fund_by_person_and_year(judge(rows, **(given | {"book": book})).ledger)
        for book in (given["book"], richer)
    )
    assert poor.keys() == rich.keys()
    assert all(rich[key] >= poor[key] for key in poor)
    assert rich.total() > poor.total()


def double_caps(book: Path, folder: Path) -> Path:
    """A copy of a book with every cap and limit twice as high."""
    folder.mkdir()
    for file in book.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name == "rules.csv":
            cells = [line.split(",") for line in text.splitlines()]
            for line in cells:
                if line[1] in CAPS:
                    line[2] = str(2 * int(line[2]))
            text = "\n".join(map(",".join, cells)) + "\n"
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def fund_by_person_and_year(ledger: list[dict]) -> Counter:
    fund: Counter = Counter()
    for row in ledger:
        if row["decision"] != "voided":
            fund[row["insured_id"], row["start_at"].year] += row["fund_mnt"]
    return fund


def test_cancelling_and_sending_again_changes_nothing_but_ids(tmp_path):
    """The new id sorts just behind the old one (`c1!` before `c10`), so that no tie is broken otherwise."""
    rows = claims(scaled(ROWS, at_least=40), 50, people=PEOPLE)
    given = {"facilities": facilities(), "insured": None, "book": write_adversarial_book(tmp_path / "book")}
    before = judge(rows, **given).ledger
    again = unmentioned(rows) & {row["claim_id"] for row in before}
    again = set(random.Random(1).sample(sorted(again), len(again) // 2))
    sent = [row | {"claim_id": f"{row['claim_id']}!"} for row in rows if row["claim_id"] in again]
    withdrawn = [
        {"claim_id": f"withdraw {one}", "message": "cancellation", "replaces_claim_id": one}
        for one in sorted(again)
    ]
    mixed = random.Random(2).sample(rows + sent + withdrawn, len(rows) + len(sent) + len(withdrawn))
    after = judge(mixed, **given).ledger
    gone = [row for row in after if row["claim_id"] in again]
    assert {(row["decision"], *row["reasons"]) for row in gone} == {("voided", "CANCELLED")}
    old_ids = {f"{one}!": one for one in again}
    kept = {
        old_ids.get(row["claim_id"], row["claim_id"]): row
        | {name: old_ids.get(row[name], row[name]) for name in ("claim_id", "related_claim_id", "case_id")}
        for row in after
        if row["claim_id"] not in again and not row["claim_id"].startswith("withdraw ")
    }
    assert kept == {row["claim_id"]: row for row in before}

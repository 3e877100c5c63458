"""Decode against the independent oracle: every fault and every decoded value of awkward claims."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from daatgal.decode import Decoded, decode
from daatgal.facilities import load_facilities
from daatgal.insured import load_insured
from daatgal.tariff import load_tariff
from daatgal_engine.columns import MESSAGE_CANCELLATION, NEVER_S, NO_CODE, NO_DAY, NO_MNT, UNKNOWN_DRG
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.registers import facilities, insured
from tests.adversarial.table import facilities_table, insured_table, to_table
from tests.oracle.book import read_book
from tests.oracle.claim import Claim
from tests.oracle.decode import decode as decode_on_foot
from tests.oracle.messages import resolve
from tests.oracle.registers import read_registers
from tests.scale import scaled, some_of

pytestmark = pytest.mark.kernels

EPOCH = datetime.fromisoformat("1970-01-01")
MESSAGES = ["original", "replacement", "cancellation"]
SEXES = [None, "m", "f"]
ARABIC_TWELVE = "١٢"


def _second(time: datetime | None) -> int:
    return int(NEVER_S) if time is None else (time - EPOCH) // timedelta(seconds=1)


def _day(day: date | None) -> int:
    return int(NO_DAY) if day is None else (day - EPOCH.date()).days


def _unpacked(codes, offset, row: int, width: int) -> list[str]:
    own = codes[offset[row] : offset[row + 1]]
    return [int(code).to_bytes(width).rstrip(b"\0").decode() for code in own]


def _seen(result: Decoded, row: int, book, facility_ids: list[str]) -> dict:
    """What the columns say of a claim, in the oracle's words."""
    c = result.columns
    text = {
        name: None if code == NO_CODE else result.dictionaries[name][int(code)].as_py()
        for name, code in (
            ("department", c.department[row]),
            ("specialty", c.specialty[row]),
            ("service", c.service[row]),
            ("site", c.site[row]),
        )
    }
    return text | {
        "message": MESSAGES[c.message[row]],
        "facility": facility_ids[c.facility[row]],
        "care_type": book.care_type_names[c.care_type[row]],
        "icd10": int(c.icd10[row]).to_bytes(8).rstrip(b"\0").decode(),
        "secondary": _unpacked(c.secondary, c.secondary_offset, row, 8),
        "procedures": _unpacked(c.procedure, c.procedure_offset, row, 4),
        "drg": int(c.claimed_drg[row]),
        "quantity": int(c.quantity[row]),
        "start": int(c.start_s[row]),
        "end": int(c.end_s[row]),
        "submitted": int(c.submitted_s[row]),
        "billed": int(c.billed_mnt[row]),
        "sex": SEXES[c.sex[row]],
        "birth": int(c.birth_day[row]),
        "exemption": int(c.exemption[row]),
        "positive": bool(c.positive[row]),
        "ordered": bool(c.ordered[row]),
        "ignored": bool(c.ignored[row]),
    }


def _expected(claim: Claim, book) -> dict:
    codes, categories = book.drg_codes, book.exemption_categories
    drg = int(UNKNOWN_DRG) if claim.drg_claimed not in codes else codes.index(claim.drg_claimed)
    known = claim.exemption in categories
    return {
        "department": claim.department_id,
        "specialty": claim.specialty,
        "service": claim.service_code,
        "site": claim.site,
        "message": claim.message,
        "facility": claim.facility_id,
        "care_type": claim.care_type,
        "icd10": claim.icd10,
        "secondary": claim.icd10_secondary,
        "procedures": sorted(set(claim.procedures)),
        "drg": NO_CODE if claim.drg_claimed is None else drg,
        "quantity": claim.quantity,
        "start": _second(claim.start_at),
        "end": _second(claim.end_at),
        "submitted": _second(claim.submitted_at),
        "billed": int(NO_MNT) if claim.billed_mnt is None else claim.billed_mnt,
        "sex": claim.sex,
        "birth": _day(claim.birth_date),
        "exemption": categories.index(claim.exemption) if known else NO_CODE,
        "positive": claim.test_result == "positive",
        "ordered": claim.order_no is not None,
        "ignored": claim.ignored_value,
    }


@pytest.mark.parametrize("untyped", [False, True], ids=["typed", "as text"])
@pytest.mark.parametrize("ids", ["string", "int64"])
@pytest.mark.parametrize("seed", some_of(range(4), 2))
def test_decode_is_what_the_oracle_reads(tmp_path, seed, ids, untyped):
    folder = write_adversarial_book(tmp_path / "book", seed)
    rows = claims(scaled(600, at_least=250), seed, ids=ids, faulty=0.3, messages=0.2, untyped=untyped)
    for row in rows:
        if row["billed_mnt"] == ARABIC_TWELVE:
            row["billed_mnt"] = "twelve"  # only ASCII digits are a number
    table = to_table(rows)
    persons = insured(8, seed, ids)
    book = load_tariff(folder)
    loaded = load_facilities(facilities_table(facilities()), book)
    result = decode(table, book=book, facilities=loaded, insured=load_insured(insured_table(persons)))

    plain = read_book(folder)
    registers = read_registers(plain, facilities(), persons)
    on_foot = decode_on_foot(table.to_pylist(), plain, registers.facility_ids)
    resolve(on_foot)
    wanted = {claim.row: claim.faults for claim in on_foot if claim.faults}
    quarantine = result.quarantine
    assert quarantine["row"].to_pylist() == sorted(wanted)
    for row, codes, columns, messages in zip(
        *(quarantine[name].to_pylist() for name in ("row", "error_codes", "error_columns", "messages")),
        strict=True,
    ):
        assert codes == sorted({code for code, _ in wanted[row]}), row
        assert columns == sorted({column for _, column in wanted[row]}), row
        assert len(messages) == len(wanted[row])
    accepted = [claim for claim in on_foot if not claim.faults]
    assert result.rows.tolist() == [claim.row for claim in accepted]
    assert result.table["claim_id"].to_pylist() == [claim.claim_id for claim in accepted]
    facility_ids = loaded.ids.to_pylist()
    for row, claim in enumerate(accepted):
        if result.columns.message[row] == MESSAGE_CANCELLATION:
            assert claim.message == "cancellation"
            continue
        registers.fill_from_insured(claim)
        assert _seen(result, row, book, facility_ids) == _expected(claim, book), claim.row
    assert len(wanted) > 50
    assert pa.compute.count_distinct(quarantine["error_codes"].combine_chunks().flatten()).as_py() > 8

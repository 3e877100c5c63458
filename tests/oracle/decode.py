"""Raw claim rows in, decoded claims with their faults out: the quarantine part of the contract.

A fault is (error code, column). The codes that look at other rows, the duplicated claim ids, are here too;
those of messages, which are tested on rows without another error only, are in messages.py.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.oracle import values
from tests.oracle.book import Book
from tests.oracle.claim import Claim
from tests.oracle.codes import is_icd10, is_procedure, normalised

COLUMNS = (
    "claim_id", "insured_id", "facility_id", "department_id", "specialty", "practitioner_id", "care_type", "icd10",
    "icd10_secondary", "procedures", "drg_code", "service_code", "site", "quantity", "start_at", "end_at",
    "billed_mnt", "sex", "birth_date", "exemption", "test_result", "order_no", "referral_no", "message",
    "replaces_claim_id", "submitted_at",
)  # fmt: skip
REQUIRED = ("claim_id", "insured_id", "facility_id", "care_type", "icd10", "start_at", "end_at")
MESSAGES = ("original", "replacement", "cancellation")
EARLIEST = datetime(1990, 1, 1)  # noqa: DTZ001 - local time, as everywhere
TOO_LATE = datetime(2101, 1, 1)  # noqa: DTZ001


class _RowReader:
    """Reads one row's columns, gathers its faults, and remembers what each column was decoded to."""

    def __init__(self, raw: dict) -> None:
        self.raw = raw
        self.faults: set[tuple[str, str]] = set()
        self.decoded: dict[str, object] = {}
        self.ignored_value = False

    def read(self, column: str, reader: Callable[[object], object], absent: object = None) -> object:
        """The decoded value, None where it is null or cannot be read."""
        value = self.raw.get(column)
        if values.absent(value):
            self.decoded[column] = absent
            return absent
        try:
            self.decoded[column] = reader(value)
        except values.UnreadableError:
            self.faults.add(("BAD_TYPE", column))
            self.decoded[column] = ("unreadable", repr(value))
            return None
        return self.decoded[column]

    def keep_if(self, column: str, is_well_formed: bool) -> object:
        """What is not essential never costs the claim: a malformed value is null, and the row is flagged."""
        value = self.decoded[column]
        if value is None or isinstance(value, tuple) or is_well_formed:
            return None if isinstance(value, tuple) else value
        self.ignored_value = True
        self.decoded[column] = None
        return None

    def keep_codes(
        self, column: str, codes: list[str] | None, is_well_formed: Callable[[str], bool]
    ) -> list[str]:
        """The well-formed codes of a list; a malformed one is dropped, and the row is flagged."""
        if codes is None:
            return []
        kept = [code for code in map(normalised, codes) if is_well_formed(code)]
        if len(kept) < len(codes):
            self.ignored_value = True
        self.decoded[column] = kept
        return kept


def decode(rows: list[dict], book: Book, facility_ids: set[str]) -> list[Claim]:
    """Every row as a claim, with the faults that it has by itself and those of a shared claim_id."""
    present = {column for row in rows for column in row}
    for column in REQUIRED:
        if rows and column not in present:
            raise ValueError(f"claims: column {column} is missing altogether, and may not be")
    claims, identities = [], []
    for position, raw in enumerate(rows):
        reader = _RowReader(raw)
        claims.append(_claim(reader, position, book, facility_ids))
        extra = {column: raw.get(column) for column in sorted(present - set(COLUMNS))}
        identities.append((reader.decoded, extra, reader.ignored_value))
    _mark_shared_ids(claims, identities)
    return claims


def _claim(reader: _RowReader, position: int, book: Book, facility_ids: set[str]) -> Claim:
    zone = ZoneInfo(book.timezone)
    read = reader.read
    claim = Claim(
        row=position,
        claim_id=read("claim_id", values.identifier),
        insured_id=read("insured_id", values.identifier),
        facility_id=read("facility_id", values.text),
        department_id=read("department_id", values.text),
        specialty=read("specialty", values.text),
        care_type=read("care_type", values.text),
        icd10=read("icd10", lambda value: normalised(values.text(value))),
        icd10_secondary=reader.keep_codes(
            "icd10_secondary", read("icd10_secondary", values.strings, []), is_icd10
        ),
        procedures=reader.keep_codes("procedures", read("procedures", values.strings, []), is_procedure),
        drg_claimed=read("drg_code", values.text),
        service_code=read("service_code", values.text),
        site=read("site", values.text),
        quantity=read("quantity", lambda value: values.whole_number(value, values.INT32), 1),
        start_at=read("start_at", lambda value: values.instant(value, zone)),
        end_at=read("end_at", lambda value: values.instant(value, zone)),
        billed_mnt=read("billed_mnt", lambda value: values.whole_number(value, values.INT64)),
        sex=read("sex", values.text),
        birth_date=read("birth_date", lambda value: values.day(value, zone)),
        exemption=read("exemption", values.text),
        test_result=read("test_result", values.text),
        order_no=read("order_no", values.text),
        message=read("message", values.text, "original"),
        replaces_claim_id=read("replaces_claim_id", values.identifier),
        submitted_at=read("submitted_at", lambda value: values.instant(value, zone)),
        ignored_value=False,
    )
    read("practitioner_id", values.text)
    read("referral_no", values.text)
    claim.sex = reader.keep_if("sex", claim.sex in {"m", "f"})
    claim.test_result = reader.keep_if("test_result", claim.test_result in {"positive", "negative"})
    if claim.start_at is not None and claim.birth_date is not None:
        claim.birth_date = reader.keep_if("birth_date", claim.birth_date <= claim.start_day)
    claim.ignored_value = reader.ignored_value
    claim.faults = _faults(claim, reader, book, facility_ids)
    return claim


def _faults(claim: Claim, reader: _RowReader, book: Book, facility_ids: set[str]) -> set[tuple[str, str]]:
    if claim.message == "cancellation":
        unread = {fault for fault in reader.faults if fault[1] in {"claim_id", "replaces_claim_id"}}
        return unread | ({("MISSING_VALUE", "claim_id")} if reader.decoded["claim_id"] is None else set())
    faults = set(reader.faults)
    faults |= {("MISSING_VALUE", column) for column in REQUIRED if reader.decoded[column] is None}
    if claim.icd10 is not None and not is_icd10(claim.icd10):
        faults.add(("BAD_ICD10", "icd10"))
    if claim.facility_id is not None and claim.facility_id not in facility_ids:
        faults.add(("UNKNOWN_FACILITY", "facility_id"))
    if claim.message is not None and claim.message not in MESSAGES:
        faults.add(("UNKNOWN_MESSAGE", "message"))
    if claim.start_at is not None and claim.end_at is not None and claim.end_at < claim.start_at:
        faults.add(("BAD_PERIOD", "end_at"))
    for column in ("quantity", "billed_mnt"):
        if getattr(claim, column) is not None and getattr(claim, column) < 0:
            faults.add(("NEGATIVE_VALUE", column))
    for column in ("start_at", "end_at", "submitted_at"):
        value = getattr(claim, column)
        if value is not None and not EARLIEST <= value < TOO_LATE:
            faults.add(("DATE_OUT_OF_RANGE", column))
    if claim.care_type is not None and not _is_offered(claim, book):
        faults.add(("UNKNOWN_CARE_TYPE", "care_type"))
    return faults


def _is_offered(claim: Claim, book: Book) -> bool:
    """Whether the care type is in the book on the pricing date; where that is unknown, whether it ever is."""
    if claim.care_type not in book.care_types:
        return False
    priced_at = claim.end_at if book.is_stay(claim.care_type) else claim.start_at
    return priced_at is None or book.care_type(claim.care_type, priced_at.date()) is not None


def _mark_shared_ids(claims: list[Claim], identities: list[tuple]) -> None:
    """DUPLICATE_CLAIM_ID: of rows alike in every decoded column the first stays, of others none."""
    sharing = defaultdict(list)
    for claim in claims:
        if claim.claim_id is not None:
            sharing[claim.claim_id].append(claim)
    for group in sharing.values():
        alike = all(identities[claim.row] == identities[group[0].row] for claim in group)
        for claim in group[1:] if alike else group * (len(group) > 1):
            claim.faults.add(("DUPLICATE_CLAIM_ID", "claim_id"))

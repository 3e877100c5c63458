"""A seed in, a batch of awkward claims out, as plain dicts: ties, repeats, messages, faults."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.adversarial import pools
from tests.adversarial.faults import FAULTS, UNTYPED_FAULTS
from tests.adversarial.registers import FACILITY_IDS
from tests.adversarial.scenes import SCENES


def claims(
    n: int,
    seed: int,
    *,
    people: int = 8,
    ids: str = "string",
    faulty: float = 0.05,
    messages: float = 0.08,
    untyped: bool = False,
) -> list[dict]:
    """At least `n` rows of `people` persons, of which shares are faulty or messages.

    `ids` is `string` or `int64`. `untyped` adds what only text columns can hold: numbers and dates that are none.
    """
    rng = random.Random(seed)
    rows: list[dict] = []
    while len(rows) < n:
        for row in _some_rows(rng, rows, people, ids):
            row["claim_id"] = pools.claim_id(len(rows), ids)
            row["message"], row["replaces_claim_id"] = rng.choice((None, "original")), None
            rows.append(row)
    for position, row in enumerate(rows):
        if rng.random() < messages:
            near = rng.choice(rows[max(0, position - 30) : position + 30])
            _make_message(rng, row, near, ids)
    faults = FAULTS + UNTYPED_FAULTS * untyped
    for position in [position for position in range(n) if rng.random() < faulty]:
        rng.choice(faults)(rng, rows, position)
    rng.shuffle(rows)
    return rows


def _some_rows(rng: random.Random, rows: list[dict], people: int, ids: str) -> list[dict]:
    """A variation of an earlier row, a scene, or a row of its own."""
    chance = rng.random()
    if rows and chance < 0.3:
        return [_varied(rng, rng.choice(rows[-40:]))]
    row = _fresh(rng, people, ids)
    if chance < 0.5:
        row["facility_id"] = rng.choice(("F1", "F1", "F2", "F4"))
        row |= {
            "order_no": rng.choice(("o1", "o1", None)),
            "submitted_at": rng.choice((None, row["submitted_at"])),
        }
        return rng.choice(SCENES)(rng, row, rng.choice(pools.DAYS))
    return [row]


def _fresh(rng: random.Random, people: int, ids: str) -> dict:
    care_type = rng.choices(list(pools.CARE_TYPES), weights=list(pools.CARE_TYPES.values()))[0]
    start_at, end_at = _period(rng, care_type)
    sessions = care_type in {"rehabilitation", "traditional"}
    return {
        "insured_id": pools.insured_id(rng.randrange(people), ids),
        "facility_id": rng.choice(FACILITY_IDS),
        "department_id": rng.choice(pools.DEPARTMENTS),
        "specialty": rng.choice(pools.SPECIALTIES),
        "practitioner_id": rng.choice((None, "d1", "d2")),
        "care_type": care_type,
        "icd10": rng.choice(pools.diagnoses(care_type)),
        "icd10_secondary": rng.choice(pools.SECONDARY),
        "procedures": rng.choice(pools.PROCEDURES),
        "drg_code": rng.choice(pools.DRGS),
        "service_code": rng.choice(pools.SERVICES.get(care_type, (None, None, None, "FILL"))),
        "site": rng.choice(pools.SITES),
        "quantity": rng.choice(pools.SESSIONS if sessions else pools.QUANTITIES),
        "start_at": start_at,
        "end_at": end_at,
        "billed_mnt": rng.choice(pools.BILLED),
        "sex": rng.choice((None, None, *pools.SEXES)),
        "birth_date": rng.choice((None, None, *pools.BIRTHS[:4])),
        "exemption": rng.choice((None, None, *pools.EXEMPTIONS)),
        "test_result": rng.choice(pools.RESULTS),
        "order_no": rng.choice((None, "o1", "o2")),
        "referral_no": None,
        "submitted_at": _submitted(rng, end_at),
        "note": rng.choice((None, "", "extra")),
    }


def _period(rng: random.Random, care_type: str) -> tuple[datetime, datetime]:
    """Half of all come as dates without times."""
    start_at = pools.midnight(rng.choice(pools.DAYS))
    lengths = pools.STAY_LENGTHS if care_type in pools.STAYS else pools.VISIT_LENGTHS
    length = rng.choice(lengths)
    if rng.random() < 0.5:
        return start_at, start_at + timedelta(days=length.days)
    start_at = datetime.combine(start_at.date(), rng.choice(pools.TIMES))
    return start_at, start_at + length


def _submitted(rng: random.Random, end_at: datetime) -> datetime | None:
    """Null, or one of few instants, so that ties are common."""
    if rng.random() < 0.3:
        return None
    if rng.random() < 0.3:
        return rng.choice(pools.SUBMISSIONS)
    return end_at + timedelta(days=rng.choice((0, 0, 1, 30)))


def _varied(rng: random.Random, earlier: dict) -> dict:
    """An earlier row with nothing, a little, or its period changed."""
    row = dict(earlier)
    for change in rng.sample(CHANGES, rng.choice((0, 1, 1, 2))):
        change(rng, row)
    return row


def _redraw(column: str, pool: tuple) -> Callable[[random.Random, dict], None]:
    def change(rng: random.Random, row: dict) -> None:
        row[column] = rng.choice(pool)

    return change


def _shift(rng: random.Random, row: dict) -> None:
    """The same length a little later or earlier, or on from where it ended."""
    length = row["end_at"] - row["start_at"]
    step = rng.choice((length, timedelta(days=1), timedelta(hours=1), timedelta(days=-2), timedelta(days=31)))
    row["start_at"] += step
    row["end_at"] = row["start_at"] + length


def _lengthen(rng: random.Random, row: dict) -> None:
    row["end_at"] += rng.choice((timedelta(hours=1), timedelta(days=1), timedelta(days=3)))


def _resubmit(rng: random.Random, row: dict) -> None:
    row["submitted_at"] = _submitted(rng, row["end_at"])


CHANGES: tuple[Callable[[random.Random, dict], None], ...] = (
    _shift,
    _shift,
    _shift,
    _lengthen,
    _resubmit,
    _resubmit,
    _redraw("facility_id", FACILITY_IDS),
    _redraw("facility_id", ("F1", "F2")),
    _redraw("department_id", pools.DEPARTMENTS),
    _redraw("care_type", ("outpatient", "diagnostics", "day_treatment", "traditional", "inpatient")),
    _redraw("procedures", pools.PROCEDURES),
    _redraw("billed_mnt", pools.BILLED),
    _redraw("site", pools.SITES),
    _redraw("icd10", ("I10", "G401", "O80")),
    _redraw("test_result", pools.RESULTS),
    _redraw("quantity", pools.QUANTITIES),
)


def _make_message(rng: random.Random, row: dict, target: dict, ids: str) -> None:
    """Aimed at any row: itself, one that is not there, one that aims back; mostly at a real original."""
    row["message"] = rng.choice(("replacement", "replacement", "cancellation"))
    row["replaces_claim_id"] = target["claim_id"]
    chance = rng.random()
    if chance < 0.03:
        row["replaces_claim_id"] = row["claim_id"]
    elif chance < 0.06:
        row["replaces_claim_id"] = pools.claim_id(10**6, ids)
    elif chance < 0.09:
        row["replaces_claim_id"] = None
    elif chance < 0.14:
        target["message"], target["replaces_claim_id"] = "replacement", row["claim_id"]
    elif chance < 0.6:
        row["submitted_at"] = target["submitted_at"]
    if row["message"] == "cancellation" and rng.random() < 0.5:
        for column in set(row) - {"claim_id", "message", "replaces_claim_id", "submitted_at"}:
            row[column] = None

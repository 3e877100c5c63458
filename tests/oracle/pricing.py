"""One standing claim in; its facility row, group, gross price and pricing flags out (rules.md §2)."""

from tests.oracle.book import Book, Row, in_force, number
from tests.oracle.claim import Claim
from tests.oracle.money import half_up
from tests.oracle.registers import Registers


def price(claim: Claim, registers: Registers) -> None:
    book = registers.book
    priced_at = claim.end_at if book.is_stay(claim.care_type) else claim.start_at
    claim.pricing_day = priced_at.date()
    claim.facility = registers.facility(claim.facility_id, claim.pricing_day)
    item_rows = [row for row in book.items.get(claim.care_type, []) if in_force(row, claim.pricing_day)]
    listed = [row for row in item_rows if row["service_code"] == claim.service_code]
    others = [row for row in item_rows if row["service_code"] == "*"]
    if listed or book.care_type(claim.care_type, claim.pricing_day)["priced_by"] == "item":
        claim.by_item = True
        _price_by_item(claim, listed or others)
    else:
        _price_by_drg(claim, book)
    _flag_decode_and_billing(claim)


def _price_by_item(claim: Claim, rows: list[Row]) -> None:
    if not rows:
        claim.deny("NO_TARIFF")
        return
    unit_mnt = number(rows[0]["unit_mnt"])
    if unit_mnt is not None:
        _set_price(claim, unit_mnt * claim.quantity, rows[:1])
    elif claim.billed_mnt is not None:
        _set_price(claim, claim.billed_mnt, rows[:1])
    else:
        claim.deny("NO_PRICE")


def _price_by_drg(claim: Claim, book: Book) -> None:
    group = _choose_group(claim, book)
    if group is None:
        claim.deny("NO_DRG")
        return
    claim.drg_code = group
    claim.drg_corrected = claim.drg_claimed is not None and claim.drg_claimed != group
    drg = next(
        (r for r in book.drgs.get((claim.care_type, group), []) if in_force(r, claim.pricing_day)), None
    )
    if drg is None:
        claim.deny("NO_TARIFF")
        return
    if drg["total_mnt"] is not None:
        _set_price(claim, number(drg["total_mnt"]), [drg])
        return
    base = _base_rate(claim, book)
    if base is None:
        claim.deny("NO_TARIFF")
        return
    claim.weight_e4 = number(drg["weight_e4"])
    claim.base_mnt = number(base["base_mnt"])
    _set_price(claim, half_up(claim.base_mnt * claim.weight_e4, 10_000), [drg, base])


def _set_price(claim: Claim, gross_mnt: int, rows: list[Row]) -> None:
    claim.gross_mnt = gross_mnt
    claim.priced = True
    starts = [row["valid_from"] for row in rows if row["valid_from"] is not None]
    claim.tariff_period = max(starts, default=None)


def _choose_group(claim: Claim, book: Book) -> str | None:
    candidates = [row for row in book.drg_map.get(claim.care_type, []) if _admits(row, claim)]
    if any(row["drg_code"] == claim.drg_claimed for row in candidates):
        return claim.drg_claimed
    if not candidates:
        return None
    return min(candidates, key=_preference)["drg_code"]


def _admits(row: Row, claim: Claim) -> bool:
    """Whether a row of `drg_map` takes this claim; a bound is compared with the code cut to its length."""
    low, high = row["icd10_from"], row["icd10_to"]
    if not in_force(row, claim.pricing_day):
        return False
    if not (low <= claim.icd10[: len(low)] and claim.icd10[: len(high)] <= high):
        return False
    procedure, paired = row["procedure"], row["paired_icd10"]
    if procedure is not None and not any(code.startswith(procedure) for code in claim.procedures):
        return False
    if paired is not None and not any(code.startswith(paired) for code in claim.icd10_secondary):
        return False
    if row["sex"] is not None and row["sex"] != claim.sex:
        return False
    age_from, age_to = number(row["age_from"]), number(row["age_to"])
    if age_from is None and age_to is None:
        return True
    age = _age(claim)
    if age is None:
        return False
    return (age_from is None or age_from <= age) and (age_to is None or age <= age_to)


def _age(claim: Claim) -> int | None:
    """Completed years on the start day: one born on 29 February completes on 1 March in common years."""
    born, today = claim.birth_date, claim.start_day
    if born is None or born > today:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _preference(row: Row) -> tuple:
    """Smaller is chosen first."""
    return (
        -(number(row["priority"]) or 0),
        row["procedure"] is None,
        _step(row["icd10_to"]) - _step(row["icd10_from"]),
        row["drg_code"].encode(),
    )


def _step(bound: str) -> int:
    """The place of a bound's first three characters, the third counted 0-9 A-Z."""
    return (ord(bound[0]) - ord("A")) * 360 + int(bound[1]) * 36 + int(bound[2], 36)


def _base_rate(claim: Claim, book: Book) -> Row | None:
    """The most specific base-rate row, level before ownership."""
    level = claim.level
    ownership = None if claim.facility is None else claim.facility["ownership"]
    for wanted in ((level, ownership), (level, "*"), ("*", ownership), ("*", "*")):
        for row in book.base_rates.get(claim.care_type, []):
            if in_force(row, claim.pricing_day) and (row["level"], row["ownership"]) == wanted:
                return row
    return None


def _flag_decode_and_billing(claim: Claim) -> None:
    if claim.ignored_value:
        claim.flags.add("IGNORED_VALUE")
    if claim.priced and claim.billed_mnt is not None:
        if claim.billed_mnt > claim.gross_mnt:
            claim.flags.add("BILLED_ABOVE_TARIFF")
        if claim.billed_mnt < claim.gross_mnt:
            claim.flags.add("BILLED_BELOW_TARIFF")

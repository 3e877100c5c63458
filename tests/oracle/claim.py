"""One decoded claim and what becomes of it: decode fills the first half, the phases the second."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

ONE_DAY = timedelta(hours=24)
MIDNIGHT = time(0)


@dataclass(eq=False)
class Claim:
    row: int
    claim_id: str | int | None
    insured_id: str | int | None
    facility_id: str | None
    department_id: str | None
    specialty: str | None
    care_type: str | None
    icd10: str | None
    icd10_secondary: list[str]
    procedures: list[str]
    drg_claimed: str | None
    service_code: str | None
    site: str | None
    quantity: int | None
    start_at: datetime | None
    end_at: datetime | None
    billed_mnt: int | None
    sex: str | None
    birth_date: date | None
    exemption: str | None
    test_result: str | None
    order_no: str | None
    message: str | None
    replaces_claim_id: str | int | None
    submitted_at: datetime | None
    ignored_value: bool
    faults: set[tuple[str, str]] = field(default_factory=set)

    pricing_day: date | None = None
    presented_at: datetime | None = None
    place: int = -1
    facility: dict | None = None
    decision: str = "paid"
    drg_code: str | None = None
    by_item: bool = False
    priced: bool = False
    weight_e4: int | None = None
    base_mnt: int | None = None
    tariff_period: date | None = None
    gross_mnt: int = 0
    fund_mnt: int = 0
    copay_mnt: int = 0
    excess_mnt: int = 0
    deducted_mnt: int = 0
    visit_rate_bp: int | None = None
    deciding: list[str] = field(default_factory=list)
    drg_corrected: bool = False
    flags: set[str] = field(default_factory=set)
    related: str | int | None = None
    chain: list[Claim] = field(default_factory=list)
    case: list[Claim] = field(default_factory=list)

    @property
    def payable(self) -> bool:
        return self.decision in {"paid", "reduced"}

    @property
    def level(self) -> str | None:
        return None if self.facility is None else self.facility["level"]

    @property
    def start_day(self) -> date:
        return self.start_at.date()

    @property
    def month(self) -> tuple[int, int]:
        return self.start_at.year, self.start_at.month

    @property
    def quarter(self) -> tuple[int, int]:
        return self.start_at.year, (self.start_at.month - 1) // 3

    @property
    def year(self) -> int:
        return self.start_at.year

    @property
    def id_key(self) -> bytes | int:
        return id_key(self.claim_id)

    @property
    def by_start(self) -> tuple[datetime, int]:
        """Sorts by (`start_at`, order)."""
        return self.start_at, self.place

    def deny(self, code: str, related: Claim | None = None) -> None:
        self._take_off("denied", code, related)

    def merge(self, code: str, related: Claim) -> None:
        self._take_off("merged", code, related)

    def _take_off(self, decision: str, code: str, related: Claim | None) -> None:
        assert self.payable, f"{self.claim_id} is {self.decision} and cannot be {decision} by {code}"
        self.decision = decision
        self.deciding.append(code)
        if related is not None:
            self.related = related.claim_id

    def reduce(self, code: str, excess_mnt: int) -> None:
        """Something over a cap or limit: nothing happens where the excess is 0."""
        if excess_mnt > 0:
            self.excess_mnt += excess_mnt
            self.decision = "reduced"
            self.deciding.append(code)


def id_key(claim_id: str | int) -> bytes | int:
    """Ids sort by UTF-8 bytes, or by value."""
    return claim_id.encode() if isinstance(claim_id, str) else claim_id


def both_midnight(start_at: datetime, end_at: datetime) -> bool:
    """Dates that came without times."""
    return start_at.time() == MIDNIGHT and end_at.time() == MIDNIGHT


def join_case(claims: list[Claim]) -> None:
    """Make one case of claims, and of all that were already of one case with them."""
    joined = []
    for claim in claims:
        joined += [other for other in claim.case if other not in joined]
    for claim in joined:
        claim.case = joined

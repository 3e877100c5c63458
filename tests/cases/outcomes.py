"""Short names for the outcomes that the cases expect."""

from tests.cases.case import Outcome


def paid(gross_mnt: int | None = None, **columns: object) -> Outcome:
    """Paid, with no reason unless one is named."""
    money = {} if gross_mnt is None else {"gross_mnt": gross_mnt, "deducted_mnt": 0, "excess_mnt": 0}
    return {"decision": "paid", "reasons": [], **money} | columns


def denied(*reasons: str, **columns: object) -> Outcome:
    return _taken_off("denied", reasons) | columns


def merged(*reasons: str, **columns: object) -> Outcome:
    return _taken_off("merged", reasons) | columns


def voided(reason: str, related: object) -> Outcome:
    return {
        **_taken_off("voided", (reason,)),
        "related_claim_id": related,
        "gross_mnt": 0,
        "deducted_mnt": 0,
        "drg_code": None,
        "weight_e4": None,
        "base_mnt": None,
        "billing_difference_mnt": None,
        "tariff_period": None,
        "tariff": "case-book",
    }


def reduced(reason: str, fund_mnt: int, excess_mnt: int, **columns: object) -> Outcome:
    return {
        "decision": "reduced",
        "reasons": [reason],
        "fund_mnt": fund_mnt,
        "excess_mnt": excess_mnt,
        "deducted_mnt": 0,
    } | columns


def _taken_off(decision: str, reasons: tuple[str, ...]) -> Outcome:
    return {"decision": decision, "reasons": list(reasons), "fund_mnt": 0, "copay_mnt": 0, "excess_mnt": 0}

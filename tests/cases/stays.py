"""Phases 5 to 7: chains of wards, stays too short, services inside a stay."""

from tests.cases.case import Case, claim
from tests.cases.outcomes import denied, merged, paid

WARD = {"WARD_TRANSFER": {"gap_hours": 0}}
ONE = paid(450_000, related_claim_id=None)


def _stay(claim_id: str, start: str, end: str, care_type: str = "inpatient", **columns: object) -> dict:
    return claim(claim_id, care_type, f"2024-{start}", f"2024-{end}", **columns)


def _pair(
    name: str, joined: bool, first_end: str, second_start: str, gap: object = 0, **columns: object
) -> Case:
    """A from 1 March, B until 20 March: one case, or two."""
    return Case(
        name,
        [_stay("A", "03-01", first_end), _stay("B", second_start, "03-20", **columns)],
        {
            "A": merged("WARD_TRANSFER", related_claim_id="B", case_id="A")
            if joined
            else ONE | {"case_id": "A"},
            "B": ONE | {"case_id": "A" if joined else "B"},
        },
        rules={"WARD_TRANSFER": {"gap_hours": gap}},
    )


TRANSFERS = [
    _pair("wards: the next starts when the first ends", True, "03-04 10:00", "03-04 10:00"),
    _pair("wards: a second later is another case", False, "03-04 10:00", "03-04 10:00:01"),
    _pair("wards: exactly the gap", True, "03-04 10:00", "03-05 10:00", 24),
    _pair("wards: a second over the gap", False, "03-04 10:00", "03-05 10:00:01", 24),
    _pair("wards: the gap is by the joining claim's own date", True, "03-04", "03-05",
          [("2008-01-01", "2024-03-19", 0), ("2024-03-20", None, 24)]),
    _pair("wards: the gap of the earlier claim does not count", False, "03-04", "03-05",
          [("2008-01-01", "2024-03-19", 24), ("2024-03-20", None, 0)]),
    _pair("wards: another facility", False, "03-04", "03-04", facility_id="G"),
    _pair("wards: another person", False, "03-04", "03-04", insured_id="Q"),
    Case(
        "wards: off",
        [_stay("A", "03-01", "03-04"), _stay("B", "03-04", "03-20")],
        {"A": ONE | {"case_id": "A"}, "B": ONE | {"case_id": "B"}},
    ),
    Case(
        "wards: another stay care type is another chain",
        [_stay("A", "03-01", "03-04"), _stay("B", "03-04", "03-20", "palliative")],
        {"A": ONE, "B": paid(65_000)},
        rules=WARD,
    ),
    Case(
        "wards: visits are no wards",
        [_stay("A", "03-01", "03-04", "outpatient"), _stay("B", "03-04", "03-05", "outpatient")],
        {"A": paid(9_000), "B": paid(9_000)},
        rules=WARD,
    ),
    Case(
        "wards: a long first ward holds the chain together",
        [_stay("A", "03-01", "03-10"), _stay("B", "03-02", "03-03"), _stay("C", "03-09", "03-12")],
        {
            # B ends first and so is presented first.
            "A": merged("WARD_TRANSFER", related_claim_id="C", case_id="B"),
            "B": merged("WARD_TRANSFER", related_claim_id="C", case_id="B"),
            "C": ONE | {"case_id": "B"},
        },
        rules=WARD,
    ),
    Case(
        "wards: of two that end together the one that starts later is the destination",
        [_stay("A", "03-02", "03-10", submitted_at="2024-03-11"), _stay("B", "03-01", "03-10",
         submitted_at="2024-03-12")],
        {"A": ONE | {"case_id": "A"}, "B": merged("WARD_TRANSFER", related_claim_id="A", case_id="A")},
        rules=WARD,
    ),
    Case(
        "wards: of two with one period the later presented is the destination",
        [_stay("A", "03-01", "03-10", submitted_at="2024-03-12", department_id="1"),
         _stay("B", "03-01", "03-10", submitted_at="2024-03-11", department_id="2")],
        {"A": ONE | {"case_id": "B"}, "B": merged("WARD_TRANSFER", related_claim_id="A", case_id="B")},
        rules=WARD,
    ),
    Case(
        "wards: a claim for which the rule is off stays alone",
        [_stay("A", "03-01", "03-04"), _stay("B", "03-04", "03-14"), _stay("C", "03-14", "03-16"),
         _stay("D", "03-16", "03-20")],
        {
            "A": merged("WARD_TRANSFER", related_claim_id="B", case_id="A"),
            "B": ONE | {"case_id": "A"},
            "C": ONE | {"case_id": "C"},
            "D": ONE | {"case_id": "D"},
        },
        rules={"WARD_TRANSFER": {
            "enabled": [("2008-01-01", "2024-03-15", True), ("2024-03-16", None, False)], "gap_hours": 0}},
    ),
]  # fmt: skip

SHORT = denied("STAY_TOO_SHORT", related_claim_id=None, deducted_mnt=450_000)


def _minimum(name: str, wanted: dict, start: str, end: str, hours: object = 24, on: object = True) -> Case:
    rules = {"MINIMUM_STAY": {"enabled": on, "hours": hours}}
    return Case(name, [_stay("A", start, end)], {"A": wanted}, rules=rules)


MINIMUM = [
    _minimum("minimum stay: exactly 24 hours", SHORT, "03-01 10:00", "03-02 10:00"),
    _minimum("minimum stay: a second more", ONE, "03-01 10:00", "03-02 10:00:01"),
    _minimum("minimum stay: dates without times, two days", ONE, "03-01", "03-02"),
    _minimum("minimum stay: dates without times, one day", SHORT, "03-01", "03-01"),
    _minimum("minimum stay: only one end at midnight", SHORT, "03-01", "03-01 23:59"),
    _minimum("minimum stay: midnight to noon next day", ONE, "03-01", "03-02 12:00"),
    _minimum("minimum stay: from noon to midnight", SHORT, "03-01 12:00", "03-02"),
    _minimum("minimum stay: 48 hours asked", SHORT, "03-01 10:00", "03-03 10:00", 48),
    _minimum("minimum stay: 48 hours asked of dates", ONE, "03-01", "03-02", 48),
    _minimum("minimum stay: off", ONE, "03-01 10:00", "03-01 11:00", on=False),
    _minimum("minimum stay: off by the last day", ONE, "03-01 10:00", "03-02 09:00",
             on=[("2008-01-01", "2024-03-01", True), ("2024-03-02", None, False)]),
    Case(
        "minimum stay: a chain is one stay",
        [_stay("A", "03-01 10:00", "03-01 22:00"), _stay("B", "03-01 22:00", "03-02 11:00")],
        {"A": merged("WARD_TRANSFER", related_claim_id="B"), "B": ONE},
        rules=WARD | {"MINIMUM_STAY": {"hours": 24}},
    ),
    Case(
        "minimum stay: a short chain is denied at its destination, the rest stays merged",
        [_stay("A", "03-01 10:00", "03-01 22:00"), _stay("B", "03-01 22:00", "03-02 10:00")],
        {"A": merged("WARD_TRANSFER", related_claim_id="B", case_id="A"), "B": SHORT | {"case_id": "A"}},
        rules=WARD | {"MINIMUM_STAY": {"hours": 24}},
    ),
    Case(
        "minimum stay: without transfers each ward is a stay",
        [_stay("A", "03-01 10:00", "03-01 22:00"), _stay("B", "03-01 22:00", "03-02 23:00")],
        {"A": SHORT, "B": ONE},
        rules={"MINIMUM_STAY": {"hours": 24}},
    ),
    Case(
        "minimum stay: every stay care type, and no visit",
        [_stay("A", "03-01", "03-01", "palliative"), _stay("B", "03-01", "03-01", "outpatient")],
        {"A": denied("STAY_TOO_SHORT"), "B": paid(9_000)},
        rules={"MINIMUM_STAY": {"hours": 24}},
    ),
]  # fmt: skip

STAYS = [*TRANSFERS, *MINIMUM]

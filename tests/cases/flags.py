"""Phase 17, and decisions by hand (rules.md §4)."""

from tests.cases.case import Case, at, cancellation, claim
from tests.cases.outcomes import denied, merged, paid, voided

SINCE_15_MARCH = [("2008-01-01", "2024-03-14", False), ("2024-03-15", None, True)]


def _flagged(
    name: str, flag: str, flagged: str, rows: list[dict], related: dict | None = None, **parameters
) -> Case:
    """All of these claims are paid; those that `flagged` names bear the flag."""
    expected = {}
    for row in rows:
        expected[row["claim_id"]] = paid(reasons=[flag] if row["claim_id"] in flagged else []) | {
            "related_claim_id": (related or {}).get(row["claim_id"])
        }
    return Case(f"{flag}: {name}", rows, expected, rules={flag: parameters})


def _stay(claim_id: str, start: str, end: str, facility_id: str = "F", care_type: str = "inpatient") -> dict:
    return claim(claim_id, care_type, f"2024-{start}", f"2024-{end}", facility_id=facility_id)


OVERLAPS = [
    _flagged("stays that only touch", "OVERLAPPING_STAY", "", [_stay("A", "03-01", "03-05"),
             _stay("B", "03-05", "03-09", "G")]),
    _flagged("by a second", "OVERLAPPING_STAY", "AB", [_stay("A", "03-01", "03-05 00:00:01"),
             _stay("B", "03-05", "03-09", "G")]),
    _flagged("one facility", "OVERLAPPING_STAY", "", [_stay("A", "03-01", "03-05"), _stay("B", "03-03", "03-09")]),
    _flagged("one within another, of another stay care type", "OVERLAPPING_STAY", "AB",
             [_stay("A", "03-01", "03-09"), _stay("B", "03-03", "03-04", "G", "palliative")]),
    _flagged("a visit is no stay", "OVERLAPPING_STAY", "",
             [_stay("A", "03-01", "03-09"), _stay("B", "03-03", "03-04", "G", "outpatient")]),
    _flagged("a stay of no length inside another", "OVERLAPPING_STAY", "AB",
             [_stay("A", "03-01", "03-09"), _stay("B", "03-03", "03-03", "G")]),
    _flagged("three, of which two meet", "OVERLAPPING_STAY", "BC",
             [_stay("A", "03-01", "03-02"), _stay("B", "03-03", "03-09", "G"), _stay("C", "03-08", "03-10")]),
    _flagged("off", "OVERLAPPING_STAY", "", [_stay("A", "03-01", "03-05"), _stay("B", "03-03", "03-09", "G")],
             enabled=False),
    _flagged("off for one half of the pair", "OVERLAPPING_STAY", "",
             [_stay("A", "03-01", "03-14"), _stay("B", "03-03", "03-15", "G")], enabled=SINCE_15_MARCH),
    Case(
        "OVERLAPPING_STAY: the whole chain overlaps, the paid claims are flagged",
        [_stay("A", "03-01", "03-05"), _stay("B", "03-05", "03-09"), _stay("C", "03-02", "03-03", "G")],
        {
            "A": merged("WARD_TRANSFER", related_claim_id="B"),
            "B": paid(reasons=["OVERLAPPING_STAY"]),
            "C": paid(reasons=["OVERLAPPING_STAY"]),
        },
        rules={"OVERLAPPING_STAY": {}, "WARD_TRANSFER": {"gap_hours": 0}},
    ),
    Case(
        "OVERLAPPING_STAY: a denied stay overlaps nothing",
        [_stay("A", "03-01", "03-05"), _stay("B", "03-02", "03-02 20:00", "G")],
        {"A": paid(), "B": denied("STAY_TOO_SHORT")},
        rules={"OVERLAPPING_STAY": {}, "MINIMUM_STAY": {"hours": 24}},
    ),
]  # fmt: skip


def _short(
    name: str, flagged: bool, start: str, end: str, care_type: str = "outpatient", **more: object
) -> Case:
    rows = [_stay("A", start, end, care_type=care_type)]
    return _flagged(name, "VISIT_TOO_SHORT", "A" * flagged, rows, **({"minutes": 10} | more))


SHORT_VISITS = [
    _short("under ten minutes", True, "03-05 10:00", "03-05 10:09:59"),
    _short("exactly ten minutes", False, "03-05 10:00", "03-05 10:10"),
    _short("no time at all", True, "03-05 10:00", "03-05 10:00"),
    _short("dates without times", False, "03-05", "03-05"),
    _short("midnight and a minute", True, "03-05", "03-05 00:01"),
    _short("other minutes", True, "03-05 10:00", "03-05 10:29", minutes=30),
    _short("another care type", False, "03-05 10:00", "03-05 10:01", "emergency"),
    _short("off", False, "03-05 10:00", "03-05 10:01", enabled=False),
]

SUSPECT = "SUSPECT_DUPLICATE"


def _suspects(name: str, flagged: bool, first: dict, second: dict, **more: object) -> Case:
    return _flagged(name, SUSPECT, "B" * flagged, [first, second], {"B": "A"} if flagged else None, **more)


def _visit(claim_id: str, start: str, end: str, **columns: object) -> dict:
    return claim(claim_id, "outpatient", f"2024-03-{start}", f"2024-03-{end}", **columns)


def _test(claim_id: str, day: str, **columns: object) -> dict:
    return claim(claim_id, "diagnostics", f"2024-03-{day}", service_code="T20", **columns)


FIRST = _visit("A", "05 10:00", "05 11:00")
SUSPECTS = [
    _suspects("inside the first", True, FIRST, _visit("B", "05 10:30", "05 10:45", billed_mnt=None)),
    _suspects("periods that touch", True, FIRST, _visit("B", "05 11:00", "05 12:00")),
    _suspects("a second after", False, FIRST, _visit("B", "05 11:00:01", "05 12:00")),
    _suspects("another diagnosis", False, FIRST, _visit("B", "05 10:30", "05 12:00", icd10="I11")),
    _suspects("another service code does not matter by group", True, FIRST,
              _visit("B", "05 10:30", "05 12:00", service_code="x", site="left")),
    _suspects("another department", False, FIRST, _visit("B", "05 10:30", "05 12:00", department_id="2")),
    _suspects("another facility", False, FIRST, _visit("B", "05 10:30", "05 12:00", facility_id="G")),
    _suspects("another person", False, FIRST, _visit("B", "05 10:30", "05 12:00", insured_id="Q")),
    _suspects("another care type", False, FIRST, _stay("B", "03-05 10:30", "03-05 12:00", care_type="day_treatment")),
    _suspects("by item, the same code", True, _test("A", "05"), _test("B", "05", icd10="I11", quantity=2)),
    _suspects("by item, another code", False, _test("A", "05"), _test("B", "05") | {"service_code": "T30"}),
    _suspects("by item, another site", False, _test("A", "05"), _test("B", "05", site="left")),
    _suspects("off", False, FIRST, _visit("B", "05 10:30", "05 12:00"), enabled=False),
    _suspects("off for the first", False, _visit("A", "14 10:00", "15 11:00"), _visit("B", "15 10:30", "15 12:00"),
              enabled=SINCE_15_MARCH),
    _suspects("the later by start, though presented first", True, FIRST | {"submitted_at": at("2024-03-20")},
              _visit("B", "05 10:30", "05 12:00", submitted_at="2024-03-06")),
    _flagged("the first such by start", SUSPECT, "BC",
             [FIRST, _visit("B", "05 10:30", "05 12:00"), _visit("C", "05 11:00", "05 13:00")], {"B": "A", "C": "A"}),
    _flagged("a long first, a short second, a third that meets only the first", SUSPECT, "BC",
             [_visit("A", "05", "09"), _visit("B", "05 01:00", "06"), _visit("C", "08", "10")], {"B": "A", "C": "A"}),
    Case(
        "SUSPECT_DUPLICATE: a replacement keeps its target as related",
        [FIRST, claim("O", "emergency", "2024-03-05"),
         _visit("B", "05 10:30", "05 12:00", message="replacement", replaces_claim_id="O")],
        {"B": paid(reasons=[SUSPECT], related_claim_id="O"), "O": voided("REPLACED", "B")},
        rules={SUSPECT: {}},
    ),
    Case(
        "SUSPECT_DUPLICATE: one way of pricing is not the other",
        [_visit("A", "05", "05"), _visit("B", "05", "05", service_code="ECG")],
        {"A": paid(9_000), "B": paid(4_000)},
        rules={SUSPECT: {}},
        tables={"items": [{"care_type": "outpatient", "service_code": "ECG", "unit_mnt": 4_000,
                           "valid_from": "2008-01-01"}]},
    ),
]  # fmt: skip

PAIRED = "PAIRED_DIAGNOSIS_MISSING"


def _cancer(name: str, flagged: bool, icd10: str, secondary: list | None = None, **more: object) -> Case:
    row = claim("A", "chemotherapy_day", "2024-03-05", icd10=icd10, icd10_secondary=secondary)
    return _flagged(name, PAIRED, "A" * flagged, [row], **({"care_types": "chemotherapy_day"} | more))


PAIRS = [
    _cancer("no C code", True, "D50.9"),
    _cancer("a C code first", False, "c50.9"),
    _cancer("a C code among the others", False, "D50.9", ["I10", " c77"]),
    _cancer("no C code among the others", True, "D50.9", ["I10"]),
    _cancer("not asked", False, "D50.9", care_types=""),
    _cancer("off", False, "D50.9", enabled=False),
    Case(
        "flags: their order",
        [claim("A", "outpatient", "2024-03-05 10:00", "2024-03-05 10:05"),
         claim("B", "outpatient", "2024-03-05 10:01", "2024-03-05 10:05", sex="x", billed_mnt=1, drg_code="?")],
        {"B": paid(reasons=["DRG_CORRECTED", "IGNORED_VALUE", "BILLED_BELOW_TARIFF", "VISIT_TOO_SHORT", SUSPECT])},
        rules={SUSPECT: {}, "VISIT_TOO_SHORT": {"minutes": 10}},
    ),
]  # fmt: skip


def _decision(
    claim_id: str, decision: str, fund: int, copay: int, hour: int = 8, withdrawn: bool = False
) -> dict:
    return {
        "claim_id": claim_id,
        "decision": decision,
        "fund_mnt": fund,
        "copay_mnt": copay,
        "who": "auditor",
        "why": "seen",
        "at": at(f"2024-05-01 {hour:02}:00"),
        "withdrawn": withdrawn,
    }


DUPLICATES = [claim("A", "outpatient", "2024-03-05"), claim("B", "outpatient", "2024-03-05")]
BY_RULE = denied("EXACT_DUPLICATE", related_claim_id="A", deducted_mnt=9_000)


def _by_hand(name: str, wanted: dict, *decisions: dict) -> Case:
    """A and its duplicate B, with decisions."""
    rules = {"EXACT_DUPLICATE": {}}
    return Case(f"by hand: {name}", DUPLICATES, wanted, rules=rules, decisions=list(decisions))


HANDS = [
    _by_hand("a denied claim is paid", {"A": paid(9_000), "B": paid(
        9_000, fund_mnt=8_000, copay_mnt=1_000, reasons=["MANUAL", "EXACT_DUPLICATE"], related_claim_id="A")},
        _decision("B", "paid", 8_000, 1_000)),
    _by_hand("the others are judged as if by rule", {"A": denied("MANUAL", deducted_mnt=9_000), "B": BY_RULE},
             _decision("A", "denied", 0, 0)),
    _by_hand("a part", {"A": {"decision": "reduced", "fund_mnt": 5, "copay_mnt": 4, "excess_mnt": 0,
             "deducted_mnt": 8_991, "gross_mnt": 9_000, "reasons": ["MANUAL"]}}, _decision("A", "reduced", 5, 4)),
    _by_hand("the latest wins", {"A": denied("MANUAL")}, _decision("A", "denied", 0, 0, 9),
             _decision("A", "paid", 1, 1, 8)),
    _by_hand("withdrawn", {"A": paid(9_000)}, _decision("A", "denied", 0, 0, 8),
             _decision("A", "denied", 0, 0, 9, withdrawn=True)),
    _by_hand("on nobody's claim", {"A": paid(9_000), "B": BY_RULE}, _decision("X", "denied", 0, 0)),
    Case(
        "by hand: on a voided claim it sleeps, and does not pass to a replacement",
        [claim("A", "outpatient", "2024-03-05"), claim("B", "outpatient", "2024-03-05", message="replacement",
         replaces_claim_id="A"), claim("C", "outpatient", "2024-03-06"), cancellation("D", "C")],
        {"A": voided("REPLACED", "B"), "B": paid(9_000), "C": voided("CANCELLED", "D")},
        decisions=[_decision("A", "denied", 0, 0), _decision("C", "paid", 9_000, 0)],
    ),
]  # fmt: skip

FLAGS = [*OVERLAPS, *SHORT_VISITS, *SUSPECTS, *PAIRS, *HANDS]

"""Messages and lines: rules.md §0, and the faults of messages in contract.md."""

from tests.cases.case import Case, cancellation, claim, replacement
from tests.cases.outcomes import denied, paid, voided

VISIT = ("outpatient", "2024-03-05 10:00", "2024-03-05 11:00")
ONCE = {"EXACT_DUPLICATE": {}}


def _visit(claim_id: object, submitted: str | None, **columns: object) -> dict:
    return claim(claim_id, *VISIT, submitted_at=submitted, **columns)


def _corrected(claim_id: object, target: object, submitted: str | None, **columns: object) -> dict:
    return replacement(claim_id, target, *VISIT, submitted_at=submitted, **columns)


MESSAGES = [
    Case(
        "a message without submitted_at comes last",
        [_visit("A", "2024-03-06"), _corrected("B", "A", None), _corrected("C", "A", "2024-03-08")],
        {"A": voided("REPLACED", "B"), "C": voided("REPLACED", "B"), "B": paid(9_000, related_claim_id="A")},
    ),
    Case(
        "messages of one instant go by claim_id, by bytes",
        [_visit("A", "2024-03-06"), _corrected("c9", "A", "2024-03-08"), _corrected("c10", "A", "2024-03-08")],
        {"c9": paid(9_000, related_claim_id="A"), "c10": voided("REPLACED", "c9"), "A": voided("REPLACED", "c9")},
    ),
    Case(
        "messages of one instant go by claim_id, Cyrillic after Latin",
        [_visit("A", "2024-03-06"), _corrected("я", "A", "2024-03-08"), _corrected("z", "A", "2024-03-08")],
        {"я": paid(9_000), "z": voided("REPLACED", "я")},
    ),
    Case(
        "messages of one instant go by claim_id, integers by value",
        [
            _visit(-5, "2024-03-06", insured_id=1),
            _corrected(9, -5, "2024-03-08", insured_id=1),
            _corrected(10, -5, "2024-03-08", insured_id=1),
        ],
        {10: paid(9_000, related_claim_id=-5, case_id=10), 9: voided("REPLACED", 10), -5: voided("REPLACED", 10)},
    ),
    Case(
        "two messages without submitted_at go by claim_id",
        [_visit("A", "2024-03-06"), _corrected("B", "A", None), cancellation("C", "A")],
        {"A": voided("CANCELLED", "C"), "B": voided("CANCELLED", "C"), "C": voided("CANCELLED", "A")},
    ),
    Case(
        "a replacement after a cancellation stands",
        [_visit("A", "2024-03-06"), cancellation("D", "A", "2024-03-07"), _corrected("C", "A", "2024-03-08")],
        {"A": voided("REPLACED", "C"), "D": voided("REPLACED", "C"), "C": paid(9_000, related_claim_id="A")},
    ),
    Case(
        "a cancellation through a replacement is related to what it names",
        [_visit("A", "2024-03-06"), _corrected("B", "A", "2024-03-07"), cancellation("D", "B", "2024-03-08")],
        {"A": voided("CANCELLED", "D"), "B": voided("CANCELLED", "D"), "D": voided("CANCELLED", "B")},
    ),
    Case(
        "a message may aim at a cancellation",
        [_visit("A", "2024-03-06"), cancellation("D", "A", "2024-03-07"), _corrected("C", "D", "2024-03-08")],
        {"A": voided("REPLACED", "C"), "D": voided("REPLACED", "C"), "C": paid(9_000, related_claim_id="D")},
    ),
    Case(
        "the last by time decides, not the last of the chain",
        [_visit("A", "2024-03-06"), _corrected("B", "A", "2024-03-09"), _corrected("C", "B", "2024-03-08")],
        {"A": voided("REPLACED", "B"), "C": voided("REPLACED", "B"), "B": paid(9_000, related_claim_id="A")},
    ),
    Case(
        "an original sent after its replacement is replaced all the same",
        [_visit("A", "2024-03-20"), _corrected("B", "A", "2024-03-07")],
        {"A": voided("REPLACED", "B"), "B": paid(9_000)},
    ),
    Case(
        "a replacement moves the claim to another person and facility",
        [
            _visit("A", "2024-03-06"),
            _corrected("B", "A", "2024-03-07", insured_id="Q", facility_id="G"),
            _visit("X", "2024-03-08"),
        ],
        {
            "A": voided("REPLACED", "B"),
            "B": paid(9_000, insured_id="Q", facility_id="G"),
            "X": paid(9_000, related_claim_id=None),
        },
        rules=ONCE,
    ),
    Case(
        "a replacement keeps the place of its original",
        [_visit("A", "2024-03-06"), _visit("X", "2024-03-08"), _corrected("B", "A", "2024-03-10")],
        {"B": paid(9_000, related_claim_id="A"), "X": denied("EXACT_DUPLICATE", related_claim_id="B")},
        rules=ONCE,
    ),
    Case(
        "where the original was not dated, its own end places the replacement",
        [
            claim("A", "outpatient", "2024-03-01"),
            _visit("X", "2024-03-06"),
            _corrected("B", "A", "2024-03-10"),
        ],
        {"B": paid(9_000, related_claim_id="A"), "X": denied("EXACT_DUPLICATE", related_claim_id="B")},
        rules=ONCE,
    ),
    Case(
        "a later phase sets another related claim than the target",
        [_visit("X", "2024-03-06"), _visit("A", "2024-03-07"), _corrected("B", "A", "2024-03-10")],
        {"X": paid(9_000), "B": denied("EXACT_DUPLICATE", related_claim_id="X")},
        rules=ONCE,
    ),
    Case(
        "a cancelled claim takes part in nothing",
        [_visit("A", "2024-03-06"), _visit("X", "2024-03-08"), cancellation("D", "A", "2024-03-09")],
        {"A": voided("CANCELLED", "D"), "X": paid(9_000, related_claim_id=None)},
        rules=ONCE,
    ),
    Case(
        "what an original says it replaces is ignored",
        [_visit("A", "2024-03-06", replaces_claim_id="nowhere", message="original")],
        {"A": paid(9_000, related_claim_id=None)},
    ),
    Case(
        "a cancellation needs only three fields, and its others are not checked",
        [
            _visit("A", "2024-03-06"),
            cancellation(
                "D", "A", insured_id="Z", facility_id="unknown", care_type="spa", icd10="?", quantity=-1, sex="x"
            ),
        ],
        {
            "A": voided("CANCELLED", "D"),
            "D": voided("CANCELLED", "A") | {"insured_id": "Z", "facility_id": "unknown", "case_id": "D"},
        },
    ),
    Case(
        "a voided row loses its flags",
        [_visit("A", "2024-03-06", sex="x", billed_mnt=1), _corrected("B", "A", "2024-03-07", sex="x")],
        {"A": voided("REPLACED", "B"), "B": paid(9_000, reasons=["IGNORED_VALUE"])},
    ),
    Case(
        "a target that is not there",
        [_corrected("B", "A", "2024-03-07"), cancellation("D", "B"), _visit("X", "2024-03-06")],
        {"X": paid(9_000)},
        quarantined={0: ["MISSING_TARGET"], 1: ["MISSING_TARGET"]},
    ),
    Case(
        "a message that names nothing",
        [_corrected("B", None, "2024-03-07"), cancellation("D", None)],
        {},
        quarantined={0: ["MISSING_TARGET"], 1: ["MISSING_TARGET"]},
    ),
    Case(
        "a target in quarantine",
        [_visit("A", "2024-03-06", icd10="?"), _corrected("B", "A", "2024-03-07")],
        {},
        quarantined={0: ["BAD_ICD10"], 1: ["MISSING_TARGET"]},
    ),
    Case(
        "a message that only reaches its original through a row in quarantine",
        [_visit("A", "2024-03-06"), _corrected("B", "A", "2024-03-07", quantity=-1), cancellation("D", "B")],
        {"A": paid(9_000)},
        quarantined={1: ["NEGATIVE_VALUE"], 2: ["MISSING_TARGET"]},
    ),
    Case(
        "a cycle, and a row that leads into it",
        [_corrected("B", "C", "2024-03-07"), _corrected("C", "B", "2024-03-07"), cancellation("D", "B")],
        {},
        quarantined={0: ["MESSAGE_CYCLE"], 1: ["MESSAGE_CYCLE"], 2: ["MISSING_TARGET"]},
    ),
    Case(
        "a message that names itself",
        [_corrected("B", "B", "2024-03-07")],
        {},
        quarantined={0: ["MESSAGE_CYCLE"]},
    ),
    Case(
        "messages are followed only from rows without another error",
        [_corrected("B", "B", "2024-03-07", quantity=-1), _corrected("C", "nowhere", None, icd10="?")],
        {},
        quarantined={0: ["NEGATIVE_VALUE"], 1: ["BAD_ICD10"]},
    ),
    Case(
        "a message may aim at the first of equal rows, not at unequal ones",
        [
            _visit("A", "2024-03-06"),
            _visit("A", "2024-03-06"),
            cancellation("D", "A"),
            _visit("X", "2024-03-06"),
            _visit("X", "2024-03-07"),
            cancellation("E", "X"),
        ],
        {"A": voided("CANCELLED", "D"), "D": voided("CANCELLED", "A")},
        quarantined={1: ["DUPLICATE_CLAIM_ID"], 3: ["DUPLICATE_CLAIM_ID"], 4: ["DUPLICATE_CLAIM_ID"],
                     5: ["MISSING_TARGET"]},
        either_way=False,
    ),
]  # fmt: skip

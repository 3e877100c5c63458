"""Phase 7: what happens inside a stay belongs to it."""

from tests.cases.book import base_tables
from tests.cases.case import Case, claim
from tests.cases.outcomes import denied, merged, paid

WARD = {"WARD_TRANSFER": {"gap_hours": 0}}


def _rules(
    boundary: object = "days", exempt_long: object = "traditional|rehabilitation", on: object = True
) -> dict:
    return {"BUNDLED_IN_STAY": {"enabled": on, "boundary": boundary, "exempt_long": exempt_long}}


def _stay(claim_id: str, start: str, end: str, care_type: str = "inpatient", **columns: object) -> dict:
    return claim(claim_id, care_type, f"2024-{start}", f"2024-{end}", **columns)


def _inside(related: str = "S") -> dict:
    return denied("BUNDLED_IN_STAY", related_claim_id=related)


def _visit(name: str, bundled: bool, start: str, boundary: object = "days", **columns: object) -> Case:
    """A visit V around a stay from noon of 1 March to noon of 5 March."""
    return Case(
        f"bundled, {name}",
        [
            _stay("S", "03-01 12:00", "03-05 12:00"),
            claim("V", "outpatient", f"2024-{start}", submitted_at="2024-03-01") | columns,
        ],
        {"V": _inside() if bundled else paid(9_000), "S": paid(450_000)},
        rules=_rules(boundary),
    )


BOUNDARIES = [
    _visit("days: the day before", False, "02-29 23:59:59"),
    _visit("days: the first day, before the admission", True, "03-01"),
    _visit("days: the last day, after the discharge", True, "03-05 23:59:59"),
    _visit("days: the day after", False, "03-06"),
    _visit("inner days: the first day", False, "03-01 23:00", "inner_days"),
    _visit("inner days: the second day", True, "03-02", "inner_days"),
    _visit("inner days: the last day", False, "03-05", "inner_days"),
    _visit("time: before the admission", False, "03-01 11:59:59", "time"),
    _visit("time: at the admission", True, "03-01 12:00", "time"),
    _visit("time: before the discharge", True, "03-05 11:59:59", "time"),
    _visit("time: at the discharge", False, "03-05 12:00", "time"),
    _visit("the boundary is by the visit's date", False, "03-01",
           [("2008-01-01", "2024-03-01", "time"), ("2024-03-02", None, "days")]),
    _visit("another facility", False, "03-03", facility_id="G"),
    _visit("another person", False, "03-03", insured_id="Q"),
]  # fmt: skip

OTHERS = [
    Case(
        "bundled: off for the visit",
        [_stay("S", "03-01", "03-05"), _stay("V", "03-02", "03-02", "outpatient")],
        {"V": paid(9_000)},
        rules=_rules(on=[("2008-01-01", "2024-03-02", False), ("2024-03-03", None, True)]),
    ),
    Case(
        "bundled: off for the stay",
        [_stay("S", "03-01", "03-05"), _stay("V", "03-02", "03-02", "outpatient")],
        {"V": paid(9_000)},
        rules=_rules(on=[("2008-01-01", "2024-03-04", True), ("2024-03-05", None, False)]),
    ),
    Case(
        "bundled: only in what the book says",
        [_stay("S", "03-01", "03-05"), claim("V", "high_cost_diagnostics", "2024-03-02", service_code="CT")],
        {"V": paid(120_000)},
        rules=_rules(),
    ),
    Case(
        "bundled: a denied stay bundles nothing",
        [_stay("S", "03-01 08:00", "03-01 20:00"), _stay("V", "03-01", "03-01", "outpatient")],
        {"S": denied("STAY_TOO_SHORT"), "V": paid(9_000)},
        rules=_rules() | {"MINIMUM_STAY": {"hours": 24}},
    ),
    Case(
        "bundled: in the whole chain, related to its destination",
        [
            _stay("A", "03-01", "03-04"),
            _stay("B", "03-04", "03-09"),
            _stay("V", "03-02", "03-02", "outpatient"),
        ],
        {"A": merged("WARD_TRANSFER", related_claim_id="B"), "B": paid(450_000), "V": _inside("B")},
        rules=_rules() | WARD,
    ),
    Case(
        "bundled: without transfers only in each ward's own days",
        [_stay("A", "03-01", "03-04"), _stay("B", "03-06", "03-09"), _stay("V", "03-05", "03-05", "outpatient"),
         _stay("W", "03-04", "03-04", "outpatient")],
        {"V": paid(9_000), "W": _inside("A")},
        rules=_rules(),
    ),
    Case(
        "bundled: of several cases the one that starts first",
        [
            _stay("S", "03-05", "03-09", submitted_at="2024-03-09"),
            _stay("T", "03-01", "03-05", submitted_at="2024-03-10"),
            _stay("V", "03-05", "03-05", "outpatient"),
        ],
        {"V": _inside("T")},
        rules=_rules(),
    ),
    Case(
        "bundled: of several that start together the first by order",
        [
            _stay("S", "03-01", "03-09", submitted_at="2024-03-10"),
            _stay("T", "03-01", "03-05", submitted_at="2024-03-09"),
            _stay("V", "03-05", "03-05", "outpatient"),
        ],
        {"V": _inside("T")},
        rules=_rules(),
    ),
    Case(
        "bundled: a stay inside a stay, by its destination's own start",
        [
            _stay("S", "03-05", "03-20"),
            _stay("P", "03-01", "03-06", "palliative"),
            _stay("Q", "03-06", "03-09", "palliative"),
            _stay("R", "04-01", "04-05", "palliative"),
        ],
        {
            "P": merged("WARD_TRANSFER", related_claim_id="Q"),
            "Q": _inside(),
            "R": paid(65_000),
            "S": paid(450_000),
        },
        rules=_rules() | WARD,
    ),
    Case(
        "bundled: a chain whose destination starts outside is not inside",
        [
            _stay("S", "03-01", "03-05"),
            _stay("P", "03-04", "03-06", "palliative"),
            _stay("Q", "03-06", "03-09", "palliative"),
        ],
        {"P": merged("WARD_TRANSFER", related_claim_id="Q"), "Q": paid(65_000)},
        rules=_rules() | WARD,
    ),
    Case(
        "bundled: in a day treatment, that is payable after the first pass",
        [_stay("D", "03-01", "03-03", "day_treatment"), claim("V", "diagnostics", "2024-03-02", service_code="T20")],
        {"D": paid(114_000), "V": _inside("D")},
        rules=_rules(),
    ),
    Case(
        "bundled: in a day treatment that is itself inside a stay, nothing more",
        # V starts after the stay, and in a day treatment that the first pass has denied.
        [
            _stay("S", "03-01", "03-02"),
            _stay("D", "03-02", "03-05", "day_treatment"),
            claim("V", "diagnostics", "2024-03-04", service_code="T20"),
        ],
        {"D": _inside(), "V": paid(20_000)},
        rules=_rules(),
    ),
    Case(
        "bundled: the first pass goes before the second",
        [
            _stay("S", "03-03", "03-05"),
            _stay("D", "03-01", "03-05", "day_treatment"),
            claim("V", "diagnostics", "2024-03-04", service_code="T20"),
        ],
        {"D": paid(114_000), "V": _inside("S")},
        rules=_rules(),
    ),
    Case(
        "bundled: one denied in a pass is a container in that pass",
        # The book of this case puts diagnostics in outpatient visits and these in day treatment.
        [
            _stay("D", "03-01", "03-02", "day_treatment"),
            _stay("O", "03-02", "03-05", "outpatient"),
            claim("V", "diagnostics", "2024-03-04", service_code="T20"),
        ],
        {"D": paid(114_000), "O": _inside("D"), "V": _inside("O")},
        rules=_rules(),
        tables={
            "care_types": [
                row | {"bundled_in": {"diagnostics": "outpatient", "outpatient": "day_treatment"}[row["care_type"]]}
                if row["care_type"] in {"diagnostics", "outpatient"}
                else row
                for row in base_tables()["care_types"]
            ]
        },
    ),
    Case(
        "bundled: a stay inside a stay inside a stay, all in one pass",
        # Palliative in inpatient as ever; here outpatient only in palliative: the denied palliative stay bundles.
        [
            _stay("S", "03-01", "03-03"),
            _stay("P", "03-03", "03-09", "palliative"),
            _stay("V", "03-08", "03-08", "outpatient"),
        ],
        {"P": _inside(), "V": _inside("P")},
        rules=_rules(),
        tables={
            "care_types": [
                row | {"bundled_in": "palliative"} if row["care_type"] == "outpatient" else row
                for row in base_tables()["care_types"]
            ]
        },
    ),
    Case(
        "bundled: long rehabilitation is a stay of its own",
        [
            _stay("S", "03-01", "03-09"),
            _stay("A", "03-02 10:00", "03-03 10:00", "rehabilitation"),
            _stay("B", "03-02 10:00", "03-03 10:00:01", "rehabilitation"),
            _stay("C", "03-02", "03-05", "diagnostics", service_code="T20"),
        ],
        {"A": _inside(), "B": paid(5_000), "C": _inside()},
        rules=_rules(),
    ),
    Case(
        "bundled: long rehabilitation, with nothing exempt",
        [_stay("S", "03-01", "03-09"), _stay("B", "03-02 10:00", "03-03 10:00:01", "rehabilitation")],
        {"B": _inside()},
        rules=_rules(exempt_long=""),
    ),
]  # fmt: skip

BUNDLED = [*BOUNDARIES, *OTHERS]

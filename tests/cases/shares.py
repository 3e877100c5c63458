"""Phases 14 to 16: copayment, visits' rates, the year's limit."""

from tests.cases.case import Case, claim, facility
from tests.cases.outcomes import denied, paid, reduced

ALWAYS = {"valid_from": "2008-01-01"}


def _row(
    care_type: str, level: str = "*", drg_code: str = "*", service_code: str = "*", **rest: object
) -> dict:
    key = {"care_type": care_type, "level": level, "drg_code": drg_code, "service_code": service_code}
    return ALWAYS | key | rest


def _copay(
    name: str, copay_mnt: int, row: dict, table: list[dict], exemptions: list[dict] | None = None
) -> Case:
    """What the insured pays for one claim, after these rows of `copay`."""
    return Case(
        f"copay: {name}",
        [row],
        {"A": paid(copay_mnt=copay_mnt)},
        tables={"copay": table} | ({} if exemptions is None else {"exemptions": exemptions}),
    )


VISIT = claim("A", "outpatient", "2024-03-05")
CT = claim("A", "high_cost_diagnostics", "2024-03-05", service_code="CT")
STAY = claim("A", "inpatient", "2024-03-01", "2024-03-05")
BY_CODE = _row("high_cost_diagnostics", service_code="CT", rate_bp=100)
BY_LEVEL = _row("high_cost_diagnostics", "3", rate_bp=200)
BY_BOTH = _row("high_cost_diagnostics", "3", service_code="CT", rate_bp=300)
BY_NONE = _row("high_cost_diagnostics", rate_bp=400)
GROUP = _row("inpatient", drg_code="14000", rate_bp=500)
KEPT = {"keeps_copay": True}

COPAY = [
    _copay("no row: none", 0, VISIT, [_row("inpatient", rate_bp=1_000)]),
    _copay("a row for all", 4_800, CT, [BY_NONE]),
    _copay("level before none", 2_400, CT, [BY_NONE, BY_LEVEL]),
    _copay("service code before level", 1_200, CT, [BY_NONE, BY_LEVEL, BY_CODE]),
    _copay("service code and level before service code", 3_600, CT, [BY_NONE, BY_LEVEL, BY_CODE, BY_BOTH]),
    _copay("group before level", 22_500, STAY, [_row("inpatient", "3", rate_bp=900), GROUP]),
    _copay("group and level", 31_500, STAY, [_row("inpatient", "3", "14000", rate_bp=700), GROUP]),
    _copay("another group's row", 40_500, STAY, [_row("inpatient", "3", rate_bp=900),
                                               _row("inpatient", drg_code="14221", rate_bp=1)]),
    _copay("a fixed amount", 2_000, VISIT, [_row("outpatient", fixed_mnt=2_000)]),
    _copay("a fixed amount at most what is payable", 9_000, VISIT, [_row("outpatient", fixed_mnt=10_000)]),
    _copay("half a tögrög rounded up", 5, VISIT, [_row("outpatient", rate_bp=5)]),
    _copay("all of it", 9_000, VISIT, [_row("outpatient", rate_bp=10_000)]),
    _copay("exempt by category", 0, VISIT | {"exemption": "child"}, [_row("outpatient", rate_bp=1_000)]),
    _copay("a category that is none", 900, VISIT | {"exemption": "Child"}, [_row("outpatient", rate_bp=1_000)]),
    _copay("a category that keeps its copay", 900, VISIT | {"exemption": "child"},
           [_row("outpatient", rate_bp=1_000, **KEPT)]),
    _copay("only the most specific row says whether it is kept", 0, CT | {"exemption": "child"},
           [BY_NONE | KEPT, BY_CODE]),
    _copay("the most specific row keeps it", 1_200, CT | {"exemption": "child"}, [BY_NONE, BY_CODE | KEPT]),
    _copay("exempt from a fixed amount", 0, VISIT | {"exemption": "child"}, [_row("outpatient", fixed_mnt=5)]),
    _copay("exempt by diagnosis", 0, VISIT | {"icd10": "a09.9"}, [_row("outpatient", rate_bp=1_000)]),
    _copay("not by a secondary diagnosis", 900, VISIT | {"icd10_secondary": ["A099"]},
           [_row("outpatient", rate_bp=1_000)]),
    _copay("exempt by a longer prefix", 0, VISIT | {"icd10": "I10.9"}, [_row("outpatient", rate_bp=1_000)],
           [ALWAYS | {"kind": "icd10", "value": "I109"}]),
    _copay("shorter than the prefix", 900, VISIT, [_row("outpatient", rate_bp=1_000)],
           [ALWAYS | {"kind": "icd10", "value": "I109"}]),
    _copay("an exemption that ended", 900, VISIT | {"exemption": "child"}, [_row("outpatient", rate_bp=1_000)],
           [ALWAYS | {"kind": "category", "value": "child", "valid_to": "2024-03-04"}]),
    Case(
        "copay: by the level and the row of the pricing date",
        [STAY | {"claim_id": "A", "facility_id": "UP"}],
        {"A": paid(450_000, copay_mnt=90_000)},
        tables={"copay": [_row("inpatient", "2", rate_bp=1_000), _row("inpatient", "3", rate_bp=1_500) | {
            "valid_to": "2024-03-04"}, _row("inpatient", "3", rate_bp=2_000) | {"valid_from": "2024-03-05"}]},
        facilities=[facility("UP", 2, valid_to=STAY["start_at"].date()),
                    facility("UP", 3, valid_from=claim("", "", "2024-03-02")["start_at"].date())],
    ),
    Case(
        "copay: of what is left after the cap",
        [claim("A", "diagnostics", "2024-03-05", service_code="T60", quantity=3)],
        # 180 000 of which 165 000 are payable; 30 % of these.
        {"A": reduced("OVER_CAP", 115_500, 15_000, copay_mnt=49_500)},
        rules={"DIAGNOSTICS_CAP": {"month_mnt": 55_000, "quarter_mnt": 165_000}},
        tables={"copay": [_row("diagnostics", rate_bp=3_000)]},
    ),
    Case(
        "copay: a fixed amount where nothing is payable",
        [claim("A", "diagnostics", "2024-03-05", service_code="T60")],
        {"A": reduced("OVER_CAP", 0, 60_000, copay_mnt=0)},
        rules={"DIAGNOSTICS_CAP": {"month_mnt": 0, "quarter_mnt": 0}},
        tables={"copay": [_row("diagnostics", fixed_mnt=3_000)]},
    ),
]  # fmt: skip

RATES = {"VISIT_COPAY": {"rates_bp": "0|3000|5000|7000"}}


def _visits(
    name: str, wanted: dict[str, int], rows: list[dict], rules: dict | None = None, **tables: list
) -> Case:
    """By visit, what the insured pays."""
    expected = {claim_id: paid(copay_mnt=mnt) for claim_id, mnt in wanted.items()}
    return Case(
        f"visit rates: {name}", rows, expected, rules=RATES if rules is None else rules, tables=tables
    )


def _visit(claim_id: str, day: str, **columns: object) -> dict:
    return claim(claim_id, "outpatient", f"2024-{day}", **columns)


NTH = [
    _visits("the last for all further", {"A": 0, "B": 2_700, "C": 4_500, "D": 6_300, "E": 6_300}, [
        _visit("A", "01-01"), _visit("B", "02-01"), _visit("C", "03-01", facility_id="G"), _visit("D", "04-01"),
        _visit("E", "12-31")]),
    _visits("by order, not by start", {"A": 2_700, "B": 0}, [
        _visit("A", "01-01", submitted_at="2024-05-01"), _visit("B", "02-01", submitted_at="2024-02-02")]),
    _visits("a new year", {"A": 0, "B": 0}, [claim("A", "outpatient", "2023-12-31"), _visit("B", "01-01")]),
    _visits("another care type is not counted", {"A": 0, "B": 0}, [
        claim("A", "day_treatment", "2024-01-01"), _visit("B", "01-02")]),
    _visits("an exempt visit pays none and counts", {"A": 0, "B": 0, "C": 4_500}, [
        _visit("A", "01-01"), _visit("B", "01-02", exemption="child"), _visit("C", "01-03")]),
    _visits("the rate replaces rate and fixed amount", {"A": 0, "B": 2_700}, [
        _visit("A", "01-01"), _visit("B", "01-02")], copay=[_row("outpatient", fixed_mnt=1)]),
    _visits("the row still keeps its copay", {"A": 0, "B": 2_700}, [
        _visit("A", "01-01", exemption="child"), _visit("B", "01-02", exemption="child")],
        copay=[_row("outpatient", rate_bp=1, **KEPT)]),
    _visits("off", {"A": 9, "B": 9}, [_visit("A", "01-01"), _visit("B", "01-02")], {},
            copay=[_row("outpatient", rate_bp=10)]),
    _visits("off for the first, which is not counted", {"A": 0, "B": 0, "C": 2_700}, [
        _visit("A", "03-14"), _visit("B", "03-15"), _visit("C", "03-16")],
        {"VISIT_COPAY": {"enabled": [("2008-01-01", "2024-03-14", False), ("2024-03-15", None, True)],
                         "rates_bp": "0|3000"}}),
    _visits("rates by the judged visit", {"A": 0, "B": 1_800}, [_visit("A", "03-14"), _visit("B", "03-15")],
            {"VISIT_COPAY": {"rates_bp": [("2008-01-01", "2024-03-14", "0|3000"), ("2024-03-15", None, "1000|2000")]}}),
    Case(
        "visit rates: a denied visit is not counted",
        [_visit("A", "01-01"), _visit("B", "01-01"), _visit("C", "01-02")],
        {"A": paid(copay_mnt=0), "B": denied("EXACT_DUPLICATE"), "C": paid(copay_mnt=2_700)},
        rules=RATES | {"EXACT_DUPLICATE": {}},
    ),
]  # fmt: skip


def _year(name: str, days: list[str], funds: list[int], limit: object = 600_000, on: object = True) -> Case:
    """Stays of 450 000 with 15 % copayment (382 500 from the fund); `funds` is what the fund pays of each."""
    rows = [claim(f"S{n}", "inpatient", day, day, billed_mnt=None) for n, day in enumerate(days)]
    expected = {}
    for n, fund_mnt in enumerate(funds):
        whole = paid(450_000, fund_mnt=382_500, copay_mnt=67_500)
        over = reduced("OVER_YEAR_LIMIT", fund_mnt, 382_500 - fund_mnt, copay_mnt=67_500, gross_mnt=450_000)
        expected[f"S{n}"] = whole if fund_mnt == 382_500 else over
    return Case(f"year: {name}", rows, expected, rules={"YEAR_LIMIT": {"enabled": on, "limit_mnt": limit}})


YEARS = [
    _year("the rest is excess", ["2024-01-01", "2024-02-01", "2024-03-01"], [382_500, 217_500, 0]),
    _year("exactly the limit", ["2024-01-01", "2024-02-01"], [382_500, 382_500], 765_000),
    _year("one tögrög less", ["2024-01-01", "2024-02-01"], [382_500, 382_499], 764_999),
    _year("a new year", ["2023-12-31", "2024-01-01"], [382_500, 382_500]),
    _year("off", ["2024-01-01", "2024-02-01"], [382_500, 382_500], on=False),
    _year("on since mid-March: what went before is not counted", ["2024-01-01", "2024-03-15", "2024-04-01"],
          [382_500, 382_500, 217_500], on=[("2008-01-01", "2024-03-14", False), ("2024-03-15", None, True)]),
    _year("a limit that changes: by the year's first claim", ["2024-01-01", "2024-03-15"], [382_500, 217_500],
          [("2008-01-01", "2024-03-14", 600_000), ("2024-03-15", None, 5)]),
    Case(
        "year: over the cap and over the limit",
        [claim("A", "diagnostics", "2024-03-05", service_code="T60", quantity=3)],
        {"A": {"decision": "reduced", "reasons": ["OVER_CAP", "OVER_YEAR_LIMIT"], "fund_mnt": 100_000,
               "excess_mnt": 80_000, "copay_mnt": 0}},
        rules={"DIAGNOSTICS_CAP": {"month_mnt": 55_000, "quarter_mnt": 165_000}, "YEAR_LIMIT": {"limit_mnt": 100_000}},
    ),
]  # fmt: skip

SHARES = [*COPAY, *NTH, *YEARS]

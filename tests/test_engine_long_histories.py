"""A person with thousands of claims is settled in about linear time: executed lines are counted, not seconds.

The interpreter runs the kernels for one person with a number of claims and with twice as many. No single line of them
may run much more than twice as often: n log n allows 2.3 times, a loop over pairs would run 4 times as often.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases.book import write_case_book

ROOT = Path(__file__).parents[1]
CLAIMS = 200
ALLOWED_GROWTH = 2.5
OFTEN = 20
"""Lines that run fewer times than this for each claim cannot be told from the noise of sorting small runs."""

RULES = {
    "EXACT_DUPLICATE": {},
    "WARD_TRANSFER": {"gap_hours": 0},
    "MINIMUM_STAY": {"hours": 24},
    "BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": ""},
    "REPEAT_VISIT": {"care_types": "outpatient", "same_cabinet": "each_visit", "icd10_chars": ""},
    "POSITIVE_ALREADY": {"service_codes": "T10"},
    "REPEAT_TEST": {"care_types": "high_cost_diagnostics"},
    "REHAB_SESSIONS": {"sessions": 7},
    "ONCE_A_YEAR": {"care_types": "sanatorium"},
    "DIAGNOSTICS_CAP": {"month_mnt": 55_000, "quarter_mnt": 165_000},
    "VISIT_COPAY": {"rates_bp": "0|3000"},
    "YEAR_LIMIT": {"limit_mnt": 2_000_000},
    "OVERLAPPING_STAY": {},
    "VISIT_TOO_SHORT": {"minutes": 10},
    "SUSPECT_DUPLICATE": {},
    "PAIRED_DIAGNOSIS_MISSING": {"care_types": "chemotherapy_day"},
}

COUNT = """
import json, sys
from collections import Counter
from concurrent.futures import Future
from datetime import timedelta

import daatgal
from tests.adversarial.table import facilities_table, to_table
from tests.cases.case import FACILITIES, at, claim

pattern, number, book = sys.argv[1], int(sys.argv[2]), sys.argv[3]  # and with twice as many claims
day, hour = timedelta(days=1), timedelta(hours=1)
CARE = ("outpatient", "diagnostics", "inpatient", "rehabilitation", "high_cost_diagnostics", "day_treatment")

def row(n):
    # One person; a different bill each, so that nothing is an exact duplicate unless it should be.
    start = at("2012-01-01")
    one = claim(f"c{n}", "outpatient", "2012-01-01", billed_mnt=n, department_id=f"w{n % 3}", specialty="s")
    if pattern == "dialysis":
        one |= {"care_type": "chemotherapy_day", "start_at": start + n * day, "end_at": start + n * day}
    elif pattern == "one instant":
        one |= {"care_type": CARE[n % 6], "service_code": "T10", "facility_id": "FG"[n % 2]}
    elif pattern == "equal":
        one |= {"billed_mnt": 1}
    elif pattern == "nested stays and visits":
        stay = n % 2 == 0
        length = (8_000 - 2 * n) * hour if stay else hour
        one |= {"care_type": "inpatient" if stay else "outpatient", "facility_id": "FG"[n // 2 % 2]}
        one |= {"start_at": start + n * hour, "end_at": start + n * hour + length}
    elif pattern == "stays that never meet":
        one |= {"care_type": "inpatient", "facility_id": "FG"[n % 2]}
        one |= {"start_at": start + n * 2 * day, "end_at": start + n * 2 * day + 30 * hour}
    else:
        one |= {"care_type": CARE[n % 6], "service_code": ("T10", "T20")[n % 2], "test_result": "negative"}
        one |= {"start_at": start + n * hour, "end_at": start + n * hour + 30 * hour, "quantity": n % 5}
    return one

places = facilities_table(FACILITIES)
tariff = daatgal.load_tariff(book)
from daatgal import settlement
from daatgal_engine import people, settle, sorting, alike

lines = Counter()

def count(frame, event, argument):
    name = frame.f_globals.get("__name__", "")
    if not name.startswith(("daatgal_engine.people", "daatgal_engine.settle", "daatgal_engine.sorting",
                            "daatgal_engine.alike", "daatgal_engine.block", "daatgal_engine.phases")):
        return None
    if event == "line":
        lines[f"{name}:{frame.f_lineno}"] += 1
    return count

class Inline:
    # A pool of no threads, since a trace is a thread's own.
    def __init__(self, workers): pass
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def map(self, work, *tasks): return [work(*task) for task in zip(*tasks)]
    def submit(self, work, *task):
        done = Future()
        done.set_result(work(*task))
        return done

settlement.ThreadPoolExecutor = Inline
settle_claims = settlement.settle_claims

def traced(*arguments, **keywords):
    sys.settrace(count)
    try:
        return settle_claims(*arguments, **keywords)
    finally:
        sys.settrace(None)

from daatgal import judging
judging.settle_claims = traced
counted = []
for size in (number, 2 * number):
    lines.clear()
    daatgal.settle(to_table([row(n) for n in range(size)]), facilities=places, tariff=tariff)
    counted.append(dict(lines))
print(json.dumps(counted))
"""


def lines_run(pattern: str, book: Path) -> list[dict[str, int]]:
    """How often each line of the settling kernels ran, for CLAIMS claims and for twice as many."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COUNT, pattern, str(CLAIMS), str(book)],
        cwd=ROOT,
        env=kept | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "pattern",
    ["dialysis", "one instant", "equal", "nested stays and visits", "stays that never meet", "everything"],
)
def test_no_line_runs_for_every_pair(tmp_path, pattern):
    book = write_case_book(tmp_path / "book", RULES, {})
    once, twice = lines_run(pattern, book)
    assert sum(once.values()) > 100 * CLAIMS, "the kernels were counted"
    grown = {
        line: (once.get(line, 0), times)
        for line, times in twice.items()
        if times > OFTEN * CLAIMS and times > ALLOWED_GROWTH * once.get(line, 0)
    }
    assert grown == {}

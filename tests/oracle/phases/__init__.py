"""The phases of rules.md §3, in their order: each takes one person's claims, first to later."""

from tests.oracle.phases.entitlement import coverage, eligibility, order_required
from tests.oracle.phases.flags import (
    overlapping_stay,
    paired_diagnosis_missing,
    suspect_duplicate,
    visit_too_short,
)
from tests.oracle.phases.repeats import (
    exact_duplicate,
    once_a_year,
    positive_already,
    repeat_test,
    repeat_visit,
)
from tests.oracle.phases.shares import copayment, visit_copay, year_limit
from tests.oracle.phases.stays import bundled_in_stay, minimum_stay, ward_transfer
from tests.oracle.phases.sums import diagnostics_cap, rehab_sessions

PHASES = (
    eligibility,
    coverage,
    order_required,
    exact_duplicate,
    ward_transfer,
    minimum_stay,
    bundled_in_stay,
    repeat_visit,
    positive_already,
    repeat_test,
    rehab_sessions,
    once_a_year,
    diagnostics_cap,
    visit_copay,
    copayment,
    year_limit,
    overlapping_stay,
    visit_too_short,
    suspect_duplicate,
    paired_diagnosis_missing,
)

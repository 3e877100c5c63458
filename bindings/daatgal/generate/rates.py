"""How often which fault and which anomaly is put into a synthetic batch.

In: nothing. Out: `Rates`, shares of all claims; 0 switches a kind off.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from daatgal.errors import InputError


@dataclass(frozen=True)
class Rates:
    """Shares of all claims of a batch that are of a kind, by the kind's name in the truth."""

    exact_duplicate: float = 0.0025
    replacement: float = 0.006
    cancellation: float = 0.002
    visit_in_stay: float = 0.004
    repeat_visit: float = 0.004
    repeat_test: float = 0.004
    short_stay: float = 0.001
    date_without_time: float = 0.01
    malformed_value: float = 0.002
    unreadable: float = 0.001
    duplicate_claim_id: float = 0.0002

    upcoding: float = 0.0006
    phantom_visits: float = 0.0006
    unbundled_tests: float = 0.0006
    stretched_stay: float = 0.0004
    impossible_volume: float = 0.0006
    diagnosis_mismatch: float = 0.0004
    across_facilities: float = 0.0004
    sudden_growth: float = 0.0008

    def __post_init__(self) -> None:
        for one in fields(self):
            rate = getattr(self, one.name)
            if not 0 <= rate <= 0.1:
                raise InputError(f"rate {one.name}: found {rate}, expected 0 to 0.1")

    def without_anomalies(self) -> Rates:
        """The same faults, and nothing for an anomaly score to find."""
        return replace(self, **dict.fromkeys(ANOMALIES, 0.0))


FAULTS = tuple(one.name for one in fields(Rates))[:11]
ANOMALIES = tuple(one.name for one in fields(Rates))[11:]

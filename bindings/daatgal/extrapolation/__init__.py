"""From what auditors found in a sample to a total that stands in court.

In: the drawn sample with its weights, and the auditors' outcomes. Out: totals with their limits, by domain, and a
report that shows every input. No kernel lives here. Source: audit.md §5.
"""

from daatgal.extrapolation.answered import NonResponse, Treatment
from daatgal.extrapolation.extrapolate import Method, Parameters, extrapolate

__all__ = ["Method", "NonResponse", "Parameters", "Treatment", "extrapolate"]

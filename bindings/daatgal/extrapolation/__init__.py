"""From what auditors found in a sample to a total that stands in court.

In: the drawn sample with its weights, and the auditors' outcomes. Out: totals with their limits, by domain, and a report
that shows every input. No kernel lives here. Source: audit.md §5.
"""

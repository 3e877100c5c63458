"""The independent oracle: claims as plain dicts in, ledger and quarantine as plain dicts out.

A second reading of the rules in plain Python, on the standard library alone: naive, quadratic where that is
clearer, and written without sight of the engine. Where the text leaves a choice, READINGS.md says which was made.
"""

from tests.oracle.book import Book, read_book
from tests.oracle.judge import Result, judge

__all__ = ["Book", "Result", "judge", "read_book"]

"""What the caller asked for: sizes, repeats, where data is kept."""

from pathlib import Path
from typing import NamedTuple


class Settings(NamedTuple):
    """The options of `benchmarks.run`."""

    cache: Path
    rows: int
    pairs: int
    postgres_rows: int
    postgres_pairs: int
    growth: tuple[int, ...]
    month_rows: int
    night_rows: int
    person: tuple[int, ...]
    threads: int = 2

"""Measures the product against what it is held to, and writes RESULTS.md.

    python -m benchmarks.run --rows 10000000                     everything
    python -m benchmarks.run --parts decode sql --rows 2000000   some parts; the others' findings stay

Data is made once, seeded, in the cache folder. Every part runs in a process of its own, so that none inherits another's
memory; findings are kept in a JSON file part by part, and RESULTS.md is written from that file.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from benchmarks.results import keep, markdown, read
from benchmarks.settings import Settings
from daatgal.kernel_cache import choose_cache_folder

PARTS = ("decode", "sql", "night", "growth", "start", "history", "months", "person")
RESULTS = Path(__file__).parent / "RESULTS.md"
FINDINGS = Path(__file__).parent / "results.json"


def main() -> None:
    options = _options()
    if len(options.parts) > 1:
        codes = [_apart(name) for name in options.parts]
        sys.exit(max(codes))
    else:
        _one(options)


def _apart(name: str) -> int:
    """One part in a process of its own; its exit code, so that one that fails does not keep the others from running."""
    print(f"== {name}", flush=True)
    command = [sys.executable, "-m", "benchmarks.run", *_same(sys.argv[1:]), "--parts", name]
    return subprocess.run(command, check=False).returncode


def _one(options: argparse.Namespace) -> None:
    load = os.getloadavg()[0]
    choose_cache_folder()
    (name,) = options.parts
    part = import_module(f"benchmarks.parts.{name}").measure(
        Settings(
            cache=options.cache,
            rows=options.rows,
            pairs=options.pairs,
            postgres_rows=min(options.rows, options.postgres_rows),
            postgres_pairs=options.postgres_pairs,
            growth=tuple(options.growth),
            month_rows=options.month_rows,
            night_rows=options.night_rows,
            person=tuple(options.person),
        )
    )
    command = f"python -m benchmarks.run {shlex.join([*_same(sys.argv[1:]), '--parts', name])}"
    keep(options.findings, name, part, command, load)
    options.results.write_text(markdown(read(options.findings), PARTS), encoding="utf-8")
    for target in part.targets:
        verdict = "met" if target.met else "MISSED"
        print(f"{verdict:6} {target.what}: {target.reached}, wanted {target.target}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--parts", nargs="+", choices=PARTS, default=PARTS)
    add("--rows", type=int, default=10_000_000, help="claims of the comparisons and of the night")
    add("--pairs", type=int, default=3, help="paired runs of each comparison")
    add("--postgres-rows", type=int, default=2_000_000, help="at most so many claims for PostgreSQL")
    add("--postgres-pairs", type=int, default=1, help="0: without PostgreSQL")
    add(
        "--growth",
        type=int,
        nargs="+",
        default=[1_000_000, 3_000_000, 10_000_000],
        help="e.g. … 30000000 100000000",
    )
    add(
        "--month-rows",
        type=int,
        default=2_000_000,
        help="claims of a month of the history; a tenth of it in each of twelve months in a row",
    )
    add("--night-rows", type=int, default=100_000, help="new claims of the real night")
    add("--person", type=int, nargs="+", default=[1_000, 10_000, 40_000], help="claims of the one person")
    add(
        "--cache",
        type=Path,
        default=Path(tempfile.gettempdir()) / "daatgal-benchmarks",
        help="where data is kept",
    )
    add("--findings", type=Path, default=FINDINGS, help="the JSON file")
    add("--results", type=Path, default=RESULTS, help="the page written from it")
    return parser.parse_args()


def _same(arguments: list[str]) -> list[str]:
    """The arguments without `--parts` and its values."""
    kept: list[str] = []
    skipping = False
    for argument in arguments:
        if argument.startswith("--"):
            skipping = argument.split("=")[0] == "--parts"
        if not skipping:
            kept.append(argument)
    return kept


if __name__ == "__main__":
    main()

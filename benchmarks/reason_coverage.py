"""What the claims that implementations are compared on have seen: every reason, every fault, every rule's switch.

``python -m benchmarks.reason_coverage --rows 20000 --seed 1`` settles adversarial claims and a generated national
batch, and prints how often each code occurs in either; and how many claims each rule was on and off for, and how many
months of one person, facility and care type it changed in. The exit code is 1 if anything was never seen among the
adversarial claims.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import daatgal
from benchmarks.equality.batch import Batch, awkward_batches
from daatgal.generate import generate
from tests.adversarial.coverage import FAULT_CODES, REASONS, Coverage
from tests.adversarial.decisions import decisions
from tests.adversarial.rule_rows import POOLS
from tests.engine_judge import as_result, decisions_table
from tests.oracle import read_book

BOOK = Path(__file__).parents[1] / "data_samples" / "tariffs" / "mn-demo"
BATCH_ROWS = 2_000


def of_batches(batches: Iterator[Batch]) -> Coverage:
    """What adversarial batches have seen, some of their claims decided by hand."""
    seen = Coverage()
    for number, batch in enumerate(batches):
        given = {"facilities": batch.facilities, "tariff": batch.book, "insured": batch.insured}
        result = as_result(daatgal.settle(batch.claims, **given))
        by_hand = decisions_table(decisions(result.ledger, number))
        seen.add(as_result(daatgal.settle(batch.claims, **given, decisions=by_hand)), batch.registers.book)
    return seen


def of_a_nation(rows: int, seed: int) -> Coverage:
    """What a generated national batch has seen."""
    seen = Coverage()
    batch = generate(rows, seed=seed, book=BOOK)
    settlement = daatgal.settle(batch.claims, facilities=batch.facilities, tariff=BOOK, insured=batch.insured)
    seen.add(as_result(settlement), read_book(BOOK))
    return seen


def report(awkward: Coverage, nation: Coverage) -> Iterator[str]:
    """Two tables: codes, and rules."""
    yield f"{'code':<28}{'adversarial':>14}{'national':>14}"
    yield from _counts(REASONS, awkward.reasons, nation.reasons)
    yield from _counts(FAULT_CODES, awkward.fault_codes, nation.fault_codes)
    yield from _counts(sorted(awkward.decisions), awkward.decisions, nation.decisions)
    yield ""
    yield f"{'rule (adversarial claims)':<28}{'on':>14}{'off':>14}{'changing':>14}"
    for rule in POOLS:
        yield f"{rule:<28}{awkward.on[rule]:>14,}{awkward.off[rule]:>14,}{awkward.changing[rule]:>14,}"


def _counts(codes: tuple[str, ...] | list[str], one: Counter, other: Counter) -> Iterator[str]:
    for code in codes:
        yield f"{code:<28}{one[code]:>14,}{other[code]:>14,}"


def unseen(seen: Coverage) -> list[str]:
    """Codes and switches that never occurred."""
    missing = [code for code in REASONS if not seen.reasons[code]]
    missing += [code for code in FAULT_CODES if not seen.fault_codes[code]]
    for name, counts in (("on", seen.on), ("off", seen.off), ("changing", seen.changing)):
        missing += [f"{rule} {name}" for rule in POOLS if not counts[rule]]
    return missing


def main() -> int:
    """Print both tables; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reason_coverage", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--rows", type=int, default=20_000, help="claims of either kind (default 20,000)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        awkward = of_batches(awkward_batches(asked.rows, asked.seed, Path(folder), BATCH_ROWS))
    print("\n".join(report(awkward, of_a_nation(asked.rows, asked.seed))))
    missing = unseen(awkward)
    print(f"\nnever seen: {', '.join(missing)}" if missing else "\nevery code and every switch was seen")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

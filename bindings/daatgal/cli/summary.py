"""What a finished run is told to people as.

In: the manifest of a run. Out: tables on stdout: ledger by decision, reasons, quarantine, scores, where the results
are. Only the manifest is read: it holds the control totals. No kernel lives here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

DECISIONS = ("paid", "reduced", "merged", "denied", "voided")
MOST_REASONS = 15
MOST_STRANGE = 5
MOST_DRIVERS = 5


def mnt(amount: int) -> str:
    """An amount as people write it."""
    return f"{amount:,} ₮"


def print_summary(content: dict[str, Any], directory: Path, *, unchanged: bool) -> None:
    """Print what came in, what went out, why, and where it is."""
    totals = content["control_totals"]
    book = f"tariff {content['book']['name']}"
    if unchanged:
        print(f"nothing to do: {directory} holds this run already ({book})")
    else:
        print(f"settled in {content['timings']['seconds']:.1f} s ({book})")
    ledger, quarantine = totals["ledger_rows"], totals["quarantine_rows"]
    print(f"{totals['rows_in']:,} rows in = {ledger:,} ledger + {quarantine:,} quarantine")
    _print_decisions(totals["ledger"]["decisions"])
    _print_reasons(totals["ledger"]["reasons"])
    _print_quarantine(totals["quarantine"]["codes"])
    _print_strange_decisions(totals.get("decisions_without_claim", []))
    print_scoring(content)
    print(f"\nresults: {directory}  (run {content['run_hash'][:12]})")
    if content["held"]:
        _print_held(totals["quarantine"]["worst_facilities"], directory)


def _print_decisions(decisions: dict[str, dict[str, int]]) -> None:
    amounts = ("gross", "fund", "copay", "excess", "deducted")
    counted = ("rows", *(f"{name}_mnt" for name in amounts))
    found = {decision: decisions.get(decision, dict.fromkeys(counted, 0)) for decision in DECISIONS}
    found["all"] = {name: sum(sums[name] for sums in found.values()) for name in counted}
    rows = [
        (decision, f"{sums['rows']:,}", *(mnt(sums[name]) for name in counted[1:]))
        for decision, sums in found.items()
    ]
    print_table(("ledger", "claims", *amounts), rows)


def _print_reasons(reasons: dict[str, dict[str, int]]) -> None:
    ranked = sorted(reasons.items(), key=lambda pair: (-pair[1]["deducted_mnt"], -pair[1]["claims"], pair[0]))
    rows = [
        (
            code,
            f"{sums['claims']:,}",
            f"{sums['deciding']:,}",
            mnt(sums["deducted_mnt"]),
            mnt(sums["excess_mnt"]),
        )
        for code, sums in ranked[:MOST_REASONS]
    ]
    print_table(("reason", "claims", "deciding", "deducted", "excess"), rows)
    if len(ranked) > MOST_REASONS:
        print(f"and {len(ranked) - MOST_REASONS} more, in the manifest")


def _print_quarantine(codes: dict[str, int]) -> None:
    ranked = sorted(codes.items(), key=lambda pair: (-pair[1], pair[0]))
    print_table(("quarantine", "rows"), [(code, f"{count:,}") for code, count in ranked])


def _print_strange_decisions(claim_ids: Sequence[str | int]) -> None:
    if claim_ids:
        some = ", ".join(str(claim_id) for claim_id in claim_ids[:MOST_STRANGE])
        more = f" and {len(claim_ids) - MOST_STRANGE:,} more" if len(claim_ids) > MOST_STRANGE else ""
        print(f"\nwarning: decisions on claims that are not there changed nothing: {some}{more}")


def print_scoring(content: dict[str, Any]) -> None:
    """Print what was scored, with what, which features lead, and what has drifted; nothing of a run without scores."""
    about = content["control_totals"].get("scoring")
    if about is None:
        return
    model, totals = about["model"], content["control_totals"].get("scores")
    if model is None or totals is None:
        print(f"\nnot scored: {about['why']}")
        return
    of = "these very claims, as there is no history" if model["on_itself"] else "history"
    print(
        f"\nscored {totals['rows']:,} claims with model {about['model_sha256'][:12]}, trained on "
        f"{model['training_claims']:,} claims of {of}"
    )
    ranked = sorted(totals["drivers"].items(), key=lambda pair: (-pair[1], pair[0]))
    print_table(("driver", "claims"), [(name, f"{count:,}") for name, count in ranked[:MOST_DRIVERS]])
    for warning in about["warnings"]:
        print(f"warning: {warning}")


def _print_held(facilities: dict[str, int], directory: Path) -> None:
    worst = ", ".join(f"{name} ({count:,})" for name, count in facilities.items())
    print(
        f"HELD: too large a share of the rows is in quarantine; most come from {worst or 'no known facility'}"
    )
    print(f"look at {directory}/quarantine, then: daatgal release {directory}")


def print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Columns as wide as they need to be, so that no amount is ever cut; nothing where there are no rows."""
    if not rows:
        return
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    print()
    for row in (head, *rows):
        first, *numbers = row
        cells = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        print("  ".join((first.ljust(widths[0]), *cells)))

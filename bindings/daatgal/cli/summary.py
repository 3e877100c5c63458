"""What a finished run is told to people as.

In: the manifest of a run. Out: tables on stdout: ledger by decision, reasons, quarantine, where the results are. Only
the manifest is read: it holds the control totals. No kernel lives here.
"""

from pathlib import Path
from typing import Any

DECISIONS = ("paid", "reduced", "merged", "denied", "voided")
MOST_REASONS = 15


def mnt(amount: int) -> str:
    """An amount as people write it."""
    return f"{amount:,} ₮"


def print_summary(content: dict[str, Any], directory: Path, *, unchanged: bool) -> None:
    """Print what came in, what went out, why, and where it is."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    totals = content["control_totals"]
    ledger, quarantine = totals["ledger_rows"], totals["quarantine_rows"]
    rows = f"{totals['rows_in']:,} rows in = {ledger:,} ledger + {quarantine:,} quarantine"
    book = f"tariff {content['book']['name']}"
    if unchanged:
        console.print(f"nothing to do: {directory} holds this run already ({book})")
    else:
        console.print(f"settled in {content['timings']['seconds']:.1f} s ({book})")
    console.print(rows)
    console.print(_decisions(totals["ledger"]["decisions"]))
    if totals["ledger"]["reasons"]:
        console.print(_reasons(totals["ledger"]["reasons"]))
    if totals["quarantine"]["codes"]:
        console.print(_quarantine(totals["quarantine"]["codes"]))
    console.print(f"results: {directory}  (run {content['run_hash'][:12]})")
    if content["held"]:
        worst = ", ".join(
            f"{name} ({count:,})" for name, count in totals["quarantine"]["worst_facilities"].items()
        )
        console.print(
            f"HELD: too large a share of the rows is in quarantine; most come from {worst or 'no facility'}"
        )
        console.print(f"look at {directory}/quarantine, then: daatgal release {directory}")


def _table(title: str, first: str, *numbers: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _decisions(decisions: dict[str, dict[str, int]]) -> Any:
    amounts = ("gross", "fund", "copay", "excess", "deducted")
    table = _table("ledger", "decision", "claims", *amounts)
    zero = dict.fromkeys(("rows", *(f"{name}_mnt" for name in amounts)), 0)
    total = dict(zero)
    for decision in DECISIONS:
        sums = decisions.get(decision, zero)
        total = {name: total[name] + sums[name] for name in total}
        table.add_row(decision, f"{sums['rows']:,}", *(mnt(sums[f"{name}_mnt"]) for name in amounts))
    table.add_section()
    table.add_row("all", f"{total['rows']:,}", *(mnt(total[f"{name}_mnt"]) for name in amounts), style="bold")
    return table


def _reasons(reasons: dict[str, dict[str, int]]) -> Any:
    table = _table("reasons", "code", "claims", "deciding", "deducted", "excess")
    ranked = sorted(reasons.items(), key=lambda pair: (-pair[1]["deducted_mnt"], -pair[1]["claims"], pair[0]))
    for code, sums in ranked[:MOST_REASONS]:
        amounts = (mnt(sums["deducted_mnt"]), mnt(sums["excess_mnt"]))
        table.add_row(code, f"{sums['claims']:,}", f"{sums['deciding']:,}", *amounts)
    return table


def _quarantine(codes: dict[str, int]) -> Any:
    table = _table("quarantine", "code", "rows")
    for code, count in sorted(codes.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(code, f"{count:,}")
    return table

"""A sample's design as people read it, before the draw and after.

In: what a manifest says of a sample, or would say. Out: tables on stdout. No kernel lives here.
"""

from pathlib import Path
from typing import Any

from daatgal.cli.summary import mnt, print_table

MOST_STRATA = 40


def print_design(facts: dict[str, Any]) -> None:
    """Print the frame, the size, the strata, and what the sample will be able to say."""
    design = facts["design"]
    unit = "cases" if design["unit"] == "case" else "claims"
    print(
        f"{facts['month']} (month of {design['month_of']}): {facts['month_claims']:,} claims that are not voided, "
        f"{facts['cases']:,} {unit} paid or reduced, {mnt(facts['amount_mnt'])}"
    )
    print(
        f"size: max({design['size']['rate_bp'] / 100:g} % of the claims, {design['size']['floor']:,}) = "
        f"{facts['size']:,} {unit}, drawn by {design['draw']['method']} sampling"
    )
    _print_parts(facts["strata"])
    _print_strata(facts["strata"])
    expected = facts["expected"]
    print(
        f"\nexpected, two-sided 90 %: an error rate of {expected['error_rate_bp'] / 100:g} % to within "
        f"± {expected['half_width_bp'] / 100:.2f} points; the total amount to within "
        f"± {mnt(expected['amount_half_width_mnt'])}"
    )
    for note in facts["notes"]:
        print(f"note: {note}")


def print_drawn(facts: dict[str, Any], directory: Path, *, unchanged: bool) -> None:
    """Print what was drawn, what it commits to, and what is to be looked at."""
    if unchanged:
        print(f"nothing to do: {directory} holds this sample already")
    said = facts["commitment"]
    print(f"\ndrawn: {facts['size']:,} of {facts['cases']:,}; results: {directory}")
    print(f"frame: SHA-256 {facts['frame_sha256']}; secret: SHA-256 {said['secret_sha256']}")
    if said["committed_by"] is None:
        print(f"note: no earlier sample commits to the secret of {facts['month']}: is this the first month?")
    if said["next_secret_sha256"] is not None:
        print(f"{said['next_month']}: the next secret is committed to: SHA-256 {said['next_secret_sha256']}")
    for warning in facts["warnings"]:
        print(f"warning: {warning}")


def _print_parts(strata: list[dict[str, Any]]) -> None:
    rows: list[tuple[str, ...]] = []
    for source in ("certainty", "risk", "random"):
        own = [stratum for stratum in strata if stratum["source"] == source]
        sums = [sum(stratum[name] for stratum in own) for name in ("cases", "drawn", "amount_mnt")]
        rows.append((source, str(len(own)), f"{sums[0]:,}", f"{sums[1]:,}", mnt(sums[2])))
    print_table(("part", "strata", "cases", "drawn", "amount"), rows)


def _print_strata(strata: list[dict[str, Any]]) -> None:
    rows = [
        (stratum["name"], f"{stratum['cases']:,}", f"{stratum['drawn']:,}", mnt(stratum["amount_mnt"]))
        for stratum in strata[:MOST_STRATA]
    ]
    print_table(("stratum", "cases", "drawn", "amount"), rows)
    if len(strata) > MOST_STRATA:
        print(f"and {len(strata) - MOST_STRATA} more, in the manifest or with --json")

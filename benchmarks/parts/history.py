"""A real night: few new claims against a chain of twelve months, and the twelve months themselves in a row."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.data import Data, generated
from benchmarks.pairs import exponent
from benchmarks.programs import Measured, daatgal
from benchmarks.results import GIB, Part, Target, memory, shown
from benchmarks.settings import Settings

MONTHS = 12
DEPTHS = (1, 3, 6, 12)
MOST_BYTES = 2 * GIB
FLAT = 1.25
"""The last three months may take so much longer than the first three after the first."""


def measure(settings: Settings) -> Part:
    data = generated(settings.cache, settings.month_rows * (MONTHS + 1), MONTHS + 1)
    with tempfile.TemporaryDirectory(prefix="history-", dir=settings.cache) as folder:
        root = Path(folder)
        _split(data, settings, root)
        chain: list[Path] = []
        months: list[Measured] = []
        nights: list[Measured] = []
        for month in range(1, MONTHS + 1):
            out = root / f"out-{month:02}"
            months.append(_settle(data, root / f"claims-{month:02}", chain, out))
            chain.append(out)
            if month in DEPTHS:
                nights.append(_settle(data, root / "claims-night", chain, root / f"night-{month:02}"))
    early, late = (sum(one.seconds for one in some) for some in (months[1:4], months[-3:]))
    power = exponent(DEPTHS, [one.seconds for one in nights])
    peak = nights[-1].peak_bytes
    history = f"{settings.month_rows * MONTHS:,}"
    size = f"{settings.night_rows:,} new claims against {history}"
    full = settings.month_rows * MONTHS >= 24_000_000
    return Part(
        title="A real night",
        head=["what", "claims", "history", "s", "cpu s", "peak memory"],
        table=[
            *(
                _row(f"month {k + 1}", settings.month_rows, k * settings.month_rows, one)
                for k, one in enumerate(months)
            ),
            *(
                _row("night", settings.night_rows, depth * settings.month_rows, one)
                for depth, one in zip(DEPTHS, nights, strict=True)
            ),
        ],
        targets=[
            Target(
                f"memory of a night, {size}",
                "≤ 2 GiB",
                memory(peak) + _scaled(full),
                full and peak <= MOST_BYTES,
            ),
            Target(
                "a night follows itself, not its history",
                "time ∝ history^0",
                f"history^{power:.2f}, {shown(nights[0].seconds)} s after 1 month, "
                f"{shown(nights[-1].seconds)} s after 12{_scaled(full)}",
                power <= 0.1,
            ),
            Target(
                "twelve months in a row stay flat",
                f"last three ≤ {FLAT} × months 2 to 4",
                f"{late / early:.2f} ×{_scaled(full)}",
                late <= FLAT * early,
            ),
        ],
        notes=[
            (
                "Each month is a `daatgal run` with all earlier ones as `--history`; the night's claims are spread "
                "evenly over the thirteenth month, so that its people lie all over the register. The register of the "
                f"insured is read whole in every run ({pq.read_metadata(data.insured).num_rows:,} rows)."
            ),
        ],
    )


def _scaled(full: bool) -> str:
    return "" if full else " (scaled run)"


def _settle(data: Data, claims: Path, chain: list[Path], out: Path) -> Measured:
    history = [argument for earlier in chain for argument in ("--history", earlier)]
    return daatgal("run", claims, *data.beside(), *history, "--out", out, "--json")


def _row(what: str, claims: int, history: int, run: Measured) -> list[str]:
    return [
        what,
        f"{claims:,}",
        f"{history:,}",
        shown(run.seconds),
        shown(run.cpu_seconds),
        memory(run.peak_bytes),
    ]


def _split(data: Data, settings: Settings, root: Path) -> None:
    """The batch, which comes month after month, as a folder for each month and one for the night."""
    for month in range(1, MONTHS + 2):
        (root / f"claims-{month:02}").mkdir()
    writer, place = None, 0
    for piece in _pieces(data, settings.month_rows):
        month = place // settings.month_rows + 1
        if place % settings.month_rows == 0:
            if writer is not None:
                writer.close()
            path = root / f"claims-{month:02}" / "part-00000.parquet"
            writer = pq.ParquetWriter(path, piece.schema, compression="zstd", compression_level=1)
        writer.write_table(piece)
        place += piece.num_rows
    writer.close()
    last = pq.read_table(root / f"claims-{MONTHS + 1:02}")
    (root / "claims-night").mkdir()
    step = settings.month_rows // settings.night_rows
    rows = pa.array(range(0, step * settings.night_rows, step))
    pq.write_table(last.take(rows), root / "claims-night" / "part-00000.parquet")


def _pieces(data: Data, month_rows: int) -> Iterator[pa.Table]:
    """Tables in order, none of which crosses the end of a month."""
    place = 0
    for part in sorted(data.claims.glob("*.parquet")):
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches():
                rest = pa.Table.from_batches([batch])
                while rest.num_rows:
                    taken = rest.slice(0, month_rows - place % month_rows)
                    yield taken
                    place += taken.num_rows
                    rest = rest.slice(taken.num_rows)

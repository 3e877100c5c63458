"""A real night: few new claims against a history of many, in a chain of twelve runs.

The history is laid down by people: each run settles all claims of a twelfth of the insured. So every run has claims of
its own alone, whatever the size, and a night of people from all over the register asks all twelve. The night is scored
with a model that was trained before, as a fund would run it.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.data import Data, generated
from benchmarks.pairs import exponent
from benchmarks.programs import Measured, daatgal
from benchmarks.results import GIB, Part, Target, memory, shown
from benchmarks.settings import Settings
from daatgal.decode.arrays import pieces_of
from daatgal.decode.identity import is_integer_column, read_id_column

RUNS = 12
DEPTHS = (1, 3, 6, 12)
MOST_BYTES = 2 * GIB
FULL = 24_000_000
EVERYONE, FIRST_TWELFTH = "night", "night-first"
PIECE_ROWS = 1 << 20


def measure(settings: Settings) -> Part:
    data = generated(settings.cache, settings.month_rows * (RUNS + 1), RUNS + 1)
    with tempfile.TemporaryDirectory(prefix="history-", dir=settings.cache) as folder:
        root = Path(folder)
        laid_down = _split(data, settings, root)
        chain: list[Path] = []
        nights: list[Measured] = []
        for run in range(RUNS):
            out = root / f"out-{run:02}"
            _laid(data, root / f"claims-{run:02}", chain, out)
            chain.append(out)
            if run == 0:
                daatgal("train", "--history", out, *data.beside(insured=False), "--out", root / "model")
            if run + 1 in DEPTHS:
                nights.append(_night(data, root, FIRST_TWELFTH, chain))
        spread = _night(data, root, EVERYONE, chain)
    power = exponent(DEPTHS, [one.seconds for one in nights])
    full = laid_down >= FULL
    scaled = "" if full else " (scaled run)"
    sizes = [laid_down * depth // RUNS for depth in DEPTHS]
    return Part(
        title="A real night",
        head=["whose claims", "new claims", "history", "s", "cpu s", "peak memory"],
        table=[
            *(_row("a twelfth of the insured", settings.night_rows, size, one)
              for size, one in zip(sizes, nights, strict=True)),
            _row("all insured", settings.night_rows, laid_down, spread),
        ],
        targets=[
            Target(
                f"memory of a night, {settings.night_rows:,} new claims against {laid_down:,}",
                "≤ 2 GiB",
                memory(spread.peak_bytes) + scaled,
                full and spread.peak_bytes <= MOST_BYTES,
            ),
            Target(
                "a night follows itself, not its history",
                "time ∝ history^0",
                f"history^{power:.2f}: {shown(nights[0].seconds)} s against a twelfth of it, "
                f"{shown(nights[-1].seconds)} s against all{scaled}",
                power <= 0.1,
            ),
        ],
        notes=[
            (
                "Each run of the chain has all claims of a twelfth of the insured, in twelve months. The first nights "
                "have new claims of the first twelfth alone, so that what they judge again stays the same and only the "
                "history grows; the last has claims of everyone."
            ),
            (
                "Nights are `daatgal run` with a model that `daatgal train` made before. All read the register of the "
                f"insured whole ({pq.read_metadata(data.insured).num_rows:,} rows)."
            ),
        ],
    )  # fmt: skip


def _laid(data: Data, claims: Path, chain: list[Path], out: Path) -> None:
    daatgal("settle", claims, *data.beside(), *_history(chain), "--out", out, "--json")


def _night(data: Data, root: Path, claims: str, chain: list[Path]) -> Measured:
    out = root / f"out-{claims}-{len(chain):02}"
    beside = [*data.beside(), *_history(chain), "--model", root / "model"]
    return daatgal("run", root / f"claims-{claims}", *beside, "--out", out, "--json")


def _history(chain: list[Path]) -> list[str | Path]:
    return [argument for earlier in chain for argument in ("--history", earlier)]


def _row(whose: str, claims: int, history: int, run: Measured) -> list[str]:
    return [
        whose,
        f"{claims:,}",
        f"{history:,}",
        shown(run.seconds),
        shown(run.cpu_seconds),
        memory(run.peak_bytes),
    ]


def _split(data: Data, settings: Settings, root: Path) -> int:
    """Twelve months of claims as a folder for each twelfth of the people, the thirteenth as two nights."""
    writers: dict[int, pq.ParquetWriter] = {}
    months, laid_down = settings.month_rows * RUNS, 0
    last: list[pa.Table] = []
    for begin, piece in _pieces(data):
        last.append(piece.slice(max(0, months - begin)))
        history = piece.slice(0, max(0, months - begin))
        twelfth = _twelfth(history)
        laid_down += history.num_rows
        for run in range(RUNS):
            own = history.filter(pa.array(twelfth == run))
            if run not in writers:
                writers[run] = pq.ParquetWriter(
                    _only_part(root / f"claims-{run:02}"), own.schema, compression_level=1, compression="zstd"
                )
            writers[run].write_table(own)
    for writer in writers.values():
        writer.close()
    night = pa.concat_tables(last)
    of_first = night.filter(pa.array(_twelfth(night) == 0))
    for name, rows in ((EVERYONE, night), (FIRST_TWELFTH, of_first)):
        step = max(1, rows.num_rows // settings.night_rows)
        places = pa.array(np.arange(rows.num_rows)[::step][: settings.night_rows])
        pq.write_table(rows.take(places), _only_part(root / f"claims-{name}"))
    return laid_down


def _only_part(folder: Path) -> Path:
    folder.mkdir()
    return folder / "part-00000.parquet"


def _twelfth(claims: pa.Table) -> np.ndarray:
    """By bits that do not order the people within a run."""
    ids = claims["insured_id"]
    hashes = read_id_column(pieces_of(ids, 0), len(ids), integers=is_integer_column(ids)).ids.hash
    return (hashes & np.uint64(0xFFFF)) % np.uint64(RUNS)


def _pieces(data: Data) -> Iterator[tuple[int, pa.Table]]:
    """The claims in order, with how many came before."""
    place = 0
    for part in sorted(data.claims.glob("*.parquet")):
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(PIECE_ROWS):
                yield place, pa.Table.from_batches([batch])
                place += batch.num_rows

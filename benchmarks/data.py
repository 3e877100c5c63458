"""Seeded synthetic batches: made once, kept in a folder, the same on every machine.

In: how many claims of how many months. Out: the files, and the claims that decode accepts as one Parquet file, which is
what both sides start from wherever outputs are compared. No kernel lives here.
"""

import hashlib
import shutil
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.programs import ROOT, daatgal, python
from daatgal.decode import Decoded, decode
from daatgal.facilities import Facilities, load_facilities
from daatgal.insured import Insured, load_insured
from daatgal.sources import read_table
from daatgal.tariff import TariffBook, load_tariff

BOOK = ROOT / "data_samples" / "tariffs" / "mn-demo"
GENERATOR = ROOT / "bindings" / "daatgal" / "generate"
SEED = 20190101
FIRST_MONTH = "2019-01"


class Data(NamedTuple):
    """A batch on disk."""

    folder: Path
    rows: int

    @property
    def claims(self) -> Path:
        """As they were sent, faults included: a folder of Parquet parts."""
        return self.folder / "claims"

    @property
    def accepted(self) -> Path:
        """Those that decode accepts, as it hands them on."""
        return self.folder / "accepted.parquet"

    @property
    def facilities(self) -> Path:
        """The facilities."""
        return self.folder / "facilities.parquet"

    @property
    def insured(self) -> Path:
        """The insured."""
        return self.folder / "insured.parquet"

    def night(self, out: Path) -> list[str | Path]:
        """The arguments of `daatgal` that settle these claims into `out`."""
        return ["run", self.claims, *self.beside(), "--out", out, "--json"]

    def beside(self, *, insured: bool = True) -> list[str | Path]:
        """The arguments that name the tables beside the claims."""
        register = ["--insured", self.insured] if insured else []
        return ["--facilities", self.facilities, *register, "--tariff", BOOK]


class Registers(NamedTuple):
    """What decode and pricing look up."""

    book: TariffBook
    facilities: Facilities
    insured: Insured


def generated(cache: Path, rows: int, months: int = 1) -> Data:
    """The batch of `rows` claims in `months` months; it is made where the folder has none by this generator."""
    folder = cache / f"claims-{rows}-months-{months}-{_stamp()}"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        daatgal(
            "generate", unfinished, "--tariff", BOOK, "--claims", str(rows), "--seed", str(SEED),
            "--first-month", FIRST_MONTH, "--months", str(months), "--json",
        )  # fmt: skip
        unfinished.rename(folder)
    return Data(folder, rows)


def with_accepted(cache: Path, rows: int) -> Data:
    """A month's batch with its accepted claims beside."""
    data = generated(cache, rows)
    if not data.accepted.exists():
        python("benchmarks.data", str(cache), str(rows))
    return data


def registers(data: Data) -> Registers:
    """The book, the facilities and the insured of a batch."""
    book = load_tariff(BOOK)
    return Registers(book, load_facilities(data.facilities, book), load_insured(data.insured))


def decoded(claims: pa.Table, beside: Registers) -> Decoded:
    """Decode claims with the tables beside them."""
    return decode(claims, book=beside.book, facilities=beside.facilities, insured=beside.insured)


def accepted_claims(data: Data) -> pa.Table:
    """The accepted claims in memory."""
    return pq.read_table(data.accepted)


def _stamp() -> str:
    """What the batch is made by: the generator's sources and the book."""
    digest = hashlib.sha256()
    for file in [*sorted(GENERATOR.glob("*.py")), *sorted(BOOK.glob("*.*"))]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def _write_accepted(data: Data) -> None:
    table = decoded(read_table(data.claims), registers(data)).table
    unfinished = data.accepted.with_suffix(".unfinished")
    pq.write_table(table, unfinished, compression="zstd", compression_level=1)
    unfinished.rename(data.accepted)


if __name__ == "__main__":
    import sys

    from daatgal.kernel_cache import choose_cache_folder

    choose_cache_folder()
    _write_accepted(generated(Path(sys.argv[1]), int(sys.argv[2])))

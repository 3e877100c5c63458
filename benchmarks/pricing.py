"""Our grouping and pricing alone: decoded claims in, PRICED records out, by the product's own kernels on two threads.

The product runs entitlement in the same pass; here only what the SQL steps 03 and 04 do is run, so that like is
compared with like.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.data import Registers
from benchmarks.pairs import seconds
from benchmarks.results import average
from daatgal.decode import Decoded
from daatgal.settlement import chunks_of, decided_lines
from daatgal.tariff.compiled import Compiled, compile_book
from daatgal_engine.book import PRICED, Records
from daatgal_engine.columns import U8
from daatgal_engine.placing import PLACE, whereabouts
from daatgal_engine.pricing import price_claims, pricing_columns

THREADS = 2


class Pricing:
    """A decoded batch, ready to be priced."""

    def __init__(self, decoded: Decoded, beside: Registers) -> None:
        self._decoded = decoded
        self._beside = beside
        self.rows: int = decoded.columns.message.size

    def compiled(self) -> Compiled:
        """The book as arrays; a book that this process has compiled before is only fitted to the batch."""
        return compile_book(
            self._beside.book,
            services=self._decoded.dictionaries["service"].to_pylist(),
            facility_types=self._beside.facilities.facility_types,
        )

    def all(self) -> Records:
        """Messages decided, the book compiled, the kernels run: from decoded columns to prices."""
        with ThreadPoolExecutor(THREADS) as pool:
            lines = pool.submit(decided_lines, self._decoded)
            compiled, prices = self.compiled(), np.recarray(self.rows, PRICED)
            self.kernels((compiled, lines.result().standing), prices, pool)
        return prices

    def kernels(self, known: tuple[Compiled, U8], prices: Records, pool: ThreadPoolExecutor) -> None:
        """The row maps alone, chunk by chunk as the product runs them."""
        compiled, standing = known
        claims = pricing_columns(self._decoded.columns, standing)
        where, book = whereabouts(self._beside.facilities.columns), compiled.book
        tables = (book.periods, book.drg_map, book.prices)

        def one(chunk: tuple[int, int]) -> None:
            place = np.recarray(chunk[1] - chunk[0], PLACE)
            price_claims(tables, where, *claims.between(*chunk), (place, prices[slice(*chunk)]))

        list(pool.map(one, chunks_of(self.rows)))

    def alone(self, runs: int) -> float:
        """Kernel-only: seconds with columns in memory, the book compiled, prices allocated and touched; the median."""
        with ThreadPoolExecutor(THREADS) as pool:
            known, prices = (self.compiled(), decided_lines(self._decoded).standing), self.all()
            return average([seconds(lambda: self.kernels(known, prices, pool)) for _ in range(runs)])

    def bytes_touched(self) -> int:
        """Every input column read once, every PRICED record written once; PLACE records stay in the caches."""
        claims = pricing_columns(self._decoded.columns, np.empty(self.rows, np.uint8))
        columns = [column for columns in claims for column in columns]
        read = sum({id(column): column.nbytes for column in columns}.values())
        return read + self.rows * PRICED.itemsize


def copy_bandwidth(total: int = 1 << 29) -> float:
    """Bytes a second, read and written, of NumPy copying on two threads; the best of five."""
    source, target = np.ones(total, np.uint8), np.ones(total, np.uint8)
    halves = [slice(0, total // THREADS), slice(total // THREADS, total)]

    def copy(half: slice) -> None:
        np.copyto(target[half], source[half])

    best = float("inf")
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(5):
            started = time.perf_counter()
            list(pool.map(copy, halves))
            best = min(best, time.perf_counter() - started)
    return 2 * total / best

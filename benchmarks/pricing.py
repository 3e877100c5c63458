"""Our grouping and pricing alone: decoded claims in, PRICED records out, by the product's own kernels on two threads.

The product runs entitlement in the same pass; here only what the SQL steps 03 and 04 do is run, so that like is
compared with like.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.data import Registers
from daatgal.decode import Decoded
from daatgal.settlement import CHUNK_ROWS
from daatgal.tariff.compiled import Compiled, compile_book, frozen
from daatgal_engine.book import PRICED, Records
from daatgal_engine.placing import PLACE, whereabouts
from daatgal_engine.pricing import price_claims, pricing_columns
from daatgal_engine.standing import Lines, decide_lines

THREADS = 2


class Pricing:
    """A decoded batch, ready to be priced."""

    def __init__(self, decoded: Decoded, beside: Registers) -> None:
        self._decoded = decoded
        self._beside = beside
        self.rows: int = decoded.columns.message.size
        self._lines = self._decided()
        self._places = np.zeros(self.rows, PLACE).view(np.recarray)

    def compiled(self) -> Compiled:
        """The book as arrays; a book that this process has compiled before is only fitted to the batch."""
        return compile_book(
            self._beside.book,
            services=self._decoded.dictionaries["service"].to_pylist(),
            facility_types=self._beside.facilities.facility_types,
        )

    def all(self) -> Records:
        """Messages decided, the book compiled, the kernels run: from decoded columns to prices."""
        self._lines = self._decided()
        prices = np.recarray(self.rows, PRICED)
        self.kernels(self.compiled(), prices)
        return prices

    def kernels(self, compiled: Compiled, prices: Records) -> None:
        """The row maps alone, chunk by chunk as the product runs them."""
        claims = pricing_columns(self._decoded.columns, self._lines.standing)
        where, book = whereabouts(self._beside.facilities.columns), compiled.book
        tables = (book.periods, book.drg_map, book.prices)

        def one(chunk: tuple[int, int]) -> None:
            out = self._places[slice(*chunk)], prices[slice(*chunk)]
            price_claims(tables, where, *claims.between(*chunk), out)

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(one, self._chunks()))

    def bytes_touched(self, prices: Records) -> int:
        """Every input column read once, every PLACE and PRICED record written once."""
        claims = pricing_columns(self._decoded.columns, self._lines.standing)
        columns = [column for columns in claims for column in columns]
        read = sum({id(column): column.nbytes for column in columns}.values())
        return read + prices.nbytes + self._places.nbytes

    def _chunks(self) -> Iterator[tuple[int, int]]:
        for begin in range(0, self.rows, CHUNK_ROWS):
            yield begin, min(begin + CHUNK_ROWS, self.rows)

    def _decided(self) -> Lines:
        lines = Lines(
            standing=np.empty(self.rows, np.uint8),
            reasons=np.empty(self.rows, np.uint64),
            related=np.empty(self.rows, np.int64),
            presented_s=np.empty(self.rows, np.int64),
        )
        decide_lines(self._decoded.columns, self._decoded.target, self._decoded.original, lines)
        return frozen(lines)


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

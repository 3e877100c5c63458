"""A tariff book compiled for the kernels.

In: a `TariffBook`, the service codes of a batch, the facility types of the facilities. Out: `CompiledBook` and RULES
records, frozen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import numpy as np

from daatgal.tariff.compiled.drg_map import compile_drg_map
from daatgal.tariff.compiled.epochs import epochs_of
from daatgal.tariff.compiled.prices import compile_prices, positions_of, service_index
from daatgal.tariff.compiled.rules import compile_rules
from daatgal.tariff.compiled.terms import compile_admission, compile_copay
from daatgal_engine.book import CompiledBook, Periods
from daatgal_engine.calendar import months_by_day

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.compiled.epochs import Epochs
    from daatgal_engine.book import Records

_Columns = TypeVar("_Columns", bound=tuple[object, ...])


class Compiled(NamedTuple):
    """What pricing and settling read."""

    book: CompiledBook
    rules: Records
    """RULES, one record per epoch"""


def frozen(columns: _Columns) -> _Columns:
    """The same NamedTuple with every array frozen, nested ones too."""

    def one(value: object) -> object:
        if isinstance(value, np.ndarray):
            return frozen_array(value)
        return frozen(value) if isinstance(value, tuple) else value

    same = cast("Callable[..., _Columns]", type(columns))
    return same(*(one(value) for value in columns))


def frozen_array(array: np.ndarray) -> np.ndarray:
    """The same array, contiguous and read-only; records as `np.recarray`, whose fields kernels read by name."""
    array = np.ascontiguousarray(array)
    if array.dtype.names is not None:
        array = array.view(np.recarray)
    array.setflags(write=False)
    return array


class _Tables(NamedTuple):
    """What a book comes to whatever the batch; `prices` and `admission` are without what the batch brings."""

    epochs: Epochs
    book: CompiledBook
    rules: Records


@lru_cache(maxsize=4)
def _tables(book: TariffBook) -> _Tables:
    """A process that settles again with an equal book, which is told by its rows, does not compile it again."""
    epochs, positions = epochs_of(book), positions_of(book)
    periods = Periods(
        epoch_by_day=epochs.by_day(),
        month_by_day=months_by_day(),
        stay=np.array([book.is_stay[name] for name in book.care_type_names], np.uint8),
    )
    compiled = CompiledBook(
        periods=periods,
        drg_map=compile_drg_map(book, epochs, positions),
        prices=compile_prices(book, epochs, positions),
        copay=compile_copay(book, epochs),
        admission=compile_admission(book, epochs, (), ()),
    )
    return _Tables(epochs, frozen(compiled), frozen_array(compile_rules(book, epochs)))


def compile_book(book: TariffBook, *, services: Sequence[str], facility_types: Sequence[str]) -> Compiled:
    """Compile a book for a batch.

    `services` are the batch's service codes in the order of its codes; `facility_types` those of the facilities.
    """
    tables = _tables(book)
    prices = tables.book.prices._replace(service_of=service_index(book, services))
    admission = compile_admission(book, tables.epochs, facility_types, services)
    compiled = tables.book._replace(prices=frozen(prices), admission=frozen(admission))
    return Compiled(compiled, tables.rules)

"""Asking for memory ahead of its use.

In: an array of records and the index of one that will be written soon. Out: nothing; its cache lines are on their way
when the write comes. Records that lie anywhere in memory are else waited for one after the other: a core holds back
some fifty writes, which is not much more than one record has.
"""

from typing import Any

from numba.core import cgutils, config, types
from numba.extending import intrinsic

from daatgal_engine.book import Records
from daatgal_engine.columns import Element

CACHE_LINE = 64
FOR_WRITING, KEEP_CLOSE, DATA = 1, 3, 1
_IR: Any = vars(cgutils)["ir"]
_COMPILED = not getattr(config, "DISABLE_JIT", 0)


def _ask_for(context: Any, records: Any, index: Any) -> Any:
    """Ask for the cache lines of the record at `index`, which must be one of `records`."""
    del context

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.args[0]
        array = context.make_array(kind)(context, builder, values[0])
        at = context.cast(builder, values[1], signature.args[1], types.intp)
        record = cgutils.get_item_pointer(
            context, builder, kind, array, [at], wraparound=False, boundscheck=False
        )
        number = cgutils.int32_t
        asking = _IR.FunctionType(_IR.VoidType(), [cgutils.voidptr_t, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, asking, "llvm.prefetch.p0i8")
        first = builder.bitcast(record, cgutils.voidptr_t)
        for line in range(0, context.get_abi_sizeof(context.get_data_type(kind.dtype)), CACHE_LINE):
            address = cgutils.pointer_add(builder, first, line)
            builder.call(prefetch, [address, number(FOR_WRITING), number(KEEP_CLOSE), number(DATA)])
        return context.get_dummy_value()

    return types.none(records, index), build


def _ask_for_nothing(records: Records, index: Element) -> None:
    del records, index


ask_for: Any = intrinsic(_ask_for) if _COMPILED else _ask_for_nothing

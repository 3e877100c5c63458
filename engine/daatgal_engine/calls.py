"""Calling one kernel after another from inside a kernel, by their addresses.

In: kernels that take the same arguments. Out: their addresses, and `call`, which enters the kernel at one of them.

A kernel that names the kernels that it calls is compiled with all of them inside, a second time. One that is handed
their addresses is not, and a call costs nanoseconds where a call from Python costs tens of microseconds, which it
spends alone, however many threads there are (docs/decisions/0005). Where the compiler is switched off, a place in a
list stands for an address.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np
from numba.core import cgutils, config, types
from numba.extending import intrinsic

from daatgal_engine.columns import I64

Phase = Callable[..., None]
PLAIN = list[Phase]()
"""The kernels that are called by address, where the compiler is switched off."""
_COMPILED = not getattr(config, "DISABLE_JIT", 0)


def addresses_of(kernels: Sequence[Phase], *arguments: object) -> I64:
    """Where each of `kernels` begins, compiled for the types of `arguments`; each must return nothing."""
    if not _COMPILED:
        PLAIN[:] = kernels
        addresses = list(range(len(kernels)))
    else:
        kinds = tuple(numba.typeof(argument) for argument in arguments)
        addresses = [address_of(kernel, kinds) for kernel in kernels]
    found = np.array(addresses, np.int64)
    found.setflags(write=False)
    return found


def address_of(kernel: Any, kinds: tuple[Any, ...]) -> int:
    """Where a kernel begins that is compiled for arguments of these types."""
    compiled = kernel.get_compile_result(types.none(*kinds))
    return compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)


def _call(context: Any, address: Any, first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """Enter the kernel at `address`; what it raises goes up, as from any other call."""
    del context, address
    kinds = (first, second, third, fourth)

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        del signature
        entry = context.call_conv.get_function_type(types.none, kinds)
        kernel = builder.inttoptr(values[0], entry.as_pointer())
        status, _ = context.call_conv.call_function(builder, kernel, types.none, kinds, values[1:])
        with cgutils.if_unlikely(builder, status.is_error):
            context.call_conv.return_status_propagate(builder, status)
        return context.get_dummy_value()

    return types.none(types.int64, *kinds), build


def _call_plain(address: int, *arguments: object) -> None:
    PLAIN[address](*arguments)


call: Phase = intrinsic(_call) if _COMPILED else _call_plain

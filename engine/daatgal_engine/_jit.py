"""The one place where a kernel is compiled: every flag with its reason.

Nothing else in the project imports ``numba.njit``. A kernel is compiled on its first call, for the one canonical
form that decode hands over (C-contiguous, read-only, fixed dtype), so each kernel has exactly one signature.
"""

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import numba

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def kernel(function: _Kernel) -> _Kernel:
    """Compile `function` without the interpreter.

    - ``nogil``: people and chunks of rows are independent, so kernels run side by side on a thread pool.
    - ``cache``: the first-ever run compiles, later runs load machine code from disk. Where no folder can be written, a
      warning says so once, and this process compiles for itself.
    - ``error_model="numpy"``: no kernel divides by a number that can be zero; the test that Python's model adds
      would stop the vectoriser.
    - no ``fastmath``: money and NaN keep IEEE and integer arithmetic.
    - no ``parallel``: it aborts the process when two threads enter it under the workqueue layer.
    """
    try:
        compiled = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError as error:
        if not str(error).startswith("cannot cache function"):
            raise
        _warn_of_no_cache()
        compiled = numba.njit(nogil=True, error_model="numpy")(function)
    return cast("_Kernel", compiled)


@cache
def _warn_of_no_cache() -> None:
    warnings.warn(
        "compiled kernels cannot be kept, so every run compiles them again: "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        RuntimeWarning,
        stacklevel=3,
    )

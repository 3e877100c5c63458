"""The one place where a kernel is compiled: every flag with its reason.

Nothing else in the project imports ``numba.njit``. A kernel is compiled on its first call, for the one canonical
form that decode hands over (C-contiguous, read-only, fixed dtype), so each kernel has exactly one signature. What
Python enters and what kernels call are compiled apart, each when it is first needed (docs/decisions/0004).
"""

import warnings
from collections.abc import Callable
from functools import cache, update_wrapper
from typing import Any, TypeVar, cast

import numba

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def as_written(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself."""
    return function


interpreted: Callable[[Callable[..., Any]], Callable[..., Any]] = as_written
"""What is made of a kernel where the compiler is switched off; who wants to see kernels entered sets another."""


def kernel(function: _Kernel) -> _Kernel:
    """Compile `function` without the interpreter.

    - ``nogil``: people and chunks of rows are independent, so kernels run side by side on a thread pool.
    - ``cache``: the first-ever run compiles, later runs load machine code from disk. Where no folder can be written, a
      warning says so once, and this process compiles for itself.
    - ``error_model="numpy"``: no kernel divides by a number that can be zero; the test that Python's model adds
      would stop the vectoriser.
    - no ``_nrt``: a kernel neither makes an array nor returns one, and whoever enters it holds its arguments, so nobody
      need count references. One that makes an array is an `allocating_kernel`.
    - no ``cfunc`` wrapper: nothing but Python and kernels enters a kernel.
    - no ``fastmath``: money and NaN keep IEEE and integer arithmetic.
    - no ``parallel``: it aborts the process when two threads enter it under the workqueue layer.
    """
    return _compiled(function, _nrt=False)


def allocating_kernel(function: _Kernel) -> _Kernel:
    """Compile a `function` that makes arrays for itself; it returns none, since a `kernel` would never free it."""
    return _compiled(function)


def _compiled(function: _Kernel, **flags: bool) -> _Kernel:
    entered = _dispatcher(function, **flags)
    if entered is function:
        return cast("_Kernel", interpreted(function))

    # The wrapper that takes Python's arguments apart is a fifth of the work, and most kernels are never entered. What
    # kernels call is made when one of those is compiled, which is never where all are kept.
    @cache
    def called() -> Any:
        return _dispatcher(_twin(function), no_cpython_wrapper=True, **flags)

    def lookup(name: str) -> Callable[..., Any]:
        def look(*asked: Any) -> Any:
            return getattr(called(), name)(*asked)

        return look

    for name in ("get_call_template", "get_overload", "get_compile_result"):
        setattr(entered, name, lookup(name))
    return entered


def _twin(function: Any) -> Callable[..., Any]:
    """The same function by another name: Numba keeps what it compiles by name."""
    twin = type(function)(function.__code__, function.__globals__, argdefs=function.__defaults__)
    update_wrapper(twin, function)
    twin.__qualname__ += ".called"
    return twin


def _dispatcher(function: Callable[..., Any], **flags: bool) -> Any:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, **flags}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError as error:
        if not str(error).startswith("cannot cache function"):
            raise
        _warn_of_no_cache()
        return numba.njit(**options)(function)


@cache
def _warn_of_no_cache() -> None:
    warnings.warn(
        "compiled kernels cannot be kept, so every run compiles them again: "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        RuntimeWarning,
        stacklevel=3,
    )

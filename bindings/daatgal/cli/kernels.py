"""The engine's kernels, counted.

In: the engine's modules. Out: how many kernels there are to compile. No kernel lives here.
"""

import importlib
import pkgutil
from typing import Any


def engine_kernels() -> list[Any]:
    """Every kernel of the engine that is compiled by itself; none where the interpreter runs them."""
    from numba.core.dispatcher import Dispatcher

    import daatgal_engine

    found: dict[int, Any] = {}
    for module in pkgutil.walk_packages(daatgal_engine.__path__, "daatgal_engine."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Dispatcher) and value.targetoptions.get("inline") != "always":
                found[id(value)] = value
    return list(found.values())

"""daatgal: from a claim file to an exact ledger."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daatgal.pipeline import Settlement, run_night, settle
    from daatgal.scoring import Model, Scored, score, train
    from daatgal.tariff import load_tariff
    from daatgal.tariff.book import TariffBook

_HOME = {
    "Model": "daatgal.scoring",
    "Scored": "daatgal.scoring",
    "Settlement": "daatgal.pipeline",
    "TariffBook": "daatgal.tariff.book",
    "load_tariff": "daatgal.tariff",
    "run_night": "daatgal.pipeline",
    "score": "daatgal.scoring",
    "settle": "daatgal.pipeline",
    "train": "daatgal.scoring",
}

__all__ = [
    "Model",
    "Scored",
    "Settlement",
    "TariffBook",
    "load_tariff",
    "run_night",
    "score",
    "settle",
    "train",
]


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for, so that importing the package compiles and loads nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'daatgal' has no attribute {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    if "daatgal_engine._jit" not in sys.modules:
        _choose_kernel_cache()
    return getattr(import_module(_HOME[name]), name)


def _choose_kernel_cache() -> None:
    """Say where kernels are kept and when they are stale, before the first of them is imported."""
    from daatgal.kernel_cache import choose_cache_folder

    choose_cache_folder()
    if "numba" in sys.modules:  # it reads its settings when it is imported, which was before
        from numba.core import config

        config.reload_config()

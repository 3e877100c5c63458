"""daatgal: from a claim file to an exact ledger."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daatgal.pipeline import Settlement, run_night, settle
    from daatgal.tariff import load_tariff
    from daatgal.tariff.book import TariffBook

_HOME = {
    "Settlement": "daatgal.pipeline",
    "TariffBook": "daatgal.tariff.book",
    "load_tariff": "daatgal.tariff",
    "run_night": "daatgal.pipeline",
    "settle": "daatgal.pipeline",
}

__all__ = ["Settlement", "TariffBook", "load_tariff", "run_night", "settle"]


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for, so that importing the package compiles and loads nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'daatgal' has no attribute {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)

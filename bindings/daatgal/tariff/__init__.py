"""Tariff books: the folder that people edit in a spreadsheet, read whole and strictly."""

from daatgal.tariff.book import TariffBook
from daatgal.tariff.loader import load_tariff

__all__ = ["TariffBook", "load_tariff"]

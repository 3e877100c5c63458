"""Copayment, exemptions and eligibility compiled.

In: copay.csv, exemptions.csv, eligibility.csv; the facility types of the facilities. Out: `CopayTerms`, `Admission`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal.tariff.compiled.drg_map import prefix_interval
from daatgal.tariff.compiled.prices import OWNERSHIP_CODES
from daatgal_engine.book import CODE_RANGE, COPAY_TERM, NOT_IN_FORCE_MNT, OWNERSHIPS, Admission, CopayTerms
from daatgal_engine.columns import I32, NO_CODE, U8
from daatgal_engine.entitlement import ASKS_DRG, ASKS_LEVEL, ASKS_SERVICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.compiled.epochs import Epochs
    from daatgal_engine.book import Records

CARE_TYPE_SHIFT, SERVICE_SHIFT, DRG_SHIFT = 56, 32, 8


def compile_copay(book: TariffBook, epochs: Epochs) -> CopayTerms:
    """Pack each row's conditions into one sorted key, with its terms by epoch."""
    care_types = {name: index for index, name in enumerate(book.care_type_names)}
    drgs = {code: index for index, code in enumerate(book.drg_codes)}
    services = {code: index for index, code in enumerate(book.service_codes)}
    combinations = np.zeros(len(care_types), np.uint8)
    rows_by_key: dict[int, list[int]] = {}
    for number, row in enumerate(book.copay):
        if row.drg_code is not None and row.drg_code not in drgs:
            continue  # no claim is ever priced by this group
        asked = 0
        key = care_types[row.care_type] << CARE_TYPE_SHIFT
        if row.service_code is not None:
            asked |= ASKS_SERVICE
            key |= (services[row.service_code] + 1) << SERVICE_SHIFT
        if row.drg_code is not None:
            asked |= ASKS_DRG
            key |= (drgs[row.drg_code] + 1) << DRG_SHIFT
        if row.level is not None:
            asked |= ASKS_LEVEL
            key |= row.level
        combinations[care_types[row.care_type]] |= np.uint8(1 << asked)
        rows_by_key.setdefault(key, []).append(number)
    keys = sorted(rows_by_key)
    shape = (len(epochs), max(len(keys), 1))
    term = np.full(shape, np.array((0, NOT_IN_FORCE_MNT, 0), COPAY_TERM))
    for position, key in enumerate(keys):
        for row in (book.copay[number] for number in rows_by_key[key]):
            for epoch in epochs.of(row):
                rate_bp = NO_CODE if row.rate_bp is None else row.rate_bp
                term[epoch, position] = (row.fixed_mnt or 0, rate_bp, row.keeps_copay)
    exempt_range, exempt_offset = _exempt_prefixes(book, epochs)
    return CopayTerms(
        key=np.array(keys, np.uint64),
        combinations=combinations,
        term=term,
        exempt_category=_exempt_categories(book, epochs),
        exempt_range=exempt_range,
        exempt_offset=exempt_offset,
    )


def _exempt_categories(book: TariffBook, epochs: Epochs) -> U8:
    categories = {name: index for index, name in enumerate(book.exemption_categories)}
    exempt = np.zeros((len(epochs), max(len(categories), 1)), np.uint8)
    for row in book.exemptions:
        if row.kind == "category":
            for epoch in epochs.of(row):
                exempt[epoch, categories[row.value]] = 1
    return exempt


def _exempt_prefixes(book: TariffBook, epochs: Epochs) -> tuple[Records, I32]:
    by_epoch: list[list[tuple[int, int]]] = [[] for _ in range(len(epochs))]
    for row in book.exemptions:
        if row.kind == "icd10":
            for epoch in epochs.of(row):
                by_epoch[epoch].append(prefix_interval(row.value, row.value))
    intervals = [interval for epoch in by_epoch for interval in sorted(epoch)]
    offset = np.cumsum([0, *(len(epoch) for epoch in by_epoch)]).astype(np.int32)
    return np.array(intervals, CODE_RANGE), offset


def _listed_services(book: TariffBook, epochs: Epochs, rule: str, services: Sequence[str]) -> U8:
    """(e, services + 1): whether a rule lists each service code of the batch; the first column is null."""
    listed = np.zeros((len(epochs), len(services) + 1), np.uint8)
    for row in book.rules:
        if row.rule == rule and row.parameter == "service_codes" and isinstance(row.value, tuple):
            names = {str(code) for code in row.value}
            for epoch in epochs.of(row):
                listed[epoch, 1:] = [code in names for code in services]
    return listed


def compile_admission(
    book: TariffBook, epochs: Epochs, facility_types: Sequence[str], services: Sequence[str]
) -> Admission:
    """Lay eligibility out by epoch, facility type, ownership and care type, and listed services by epoch."""
    care_types = {name: index for index, name in enumerate(book.care_type_names)}
    types = {
        name: index + 1 for index, name in enumerate(dict.fromkeys(r.facility_type for r in book.eligibility))
    }
    rule = np.full((len(epochs), len(types) + 1, OWNERSHIPS, len(care_types)), -1, np.int8)
    empty = np.ones(len(epochs), np.uint8)
    for row in book.eligibility:
        for epoch in epochs.of(row):
            empty[epoch] = 0
            rule[
                epoch, types[row.facility_type], OWNERSHIP_CODES[row.ownership], care_types[row.care_type]
            ] = row.needs_contract
    type_of = np.array([types.get(name, 0) for name in facility_types] or [0], np.int16)
    return Admission(
        type_of=type_of,
        rule=rule,
        empty=empty,
        order_service=_listed_services(book, epochs, "ORDER_REQUIRED", services),
        screening_service=_listed_services(book, epochs, "POSITIVE_ALREADY", services),
    )

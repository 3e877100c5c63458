"""One piece of a batch: ordinary claims, then what is wrong with them, in the order in which they are sent.

In flow a plan; out flow `PieceOut`s: a record batch of claims and the truth about them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.generate.billing import rows_of
from daatgal.generate.encode import Encoder
from daatgal.generate.episodes import visits
from daatgal.generate.ids import claim_ids
from daatgal.generate.makers import with_faults
from daatgal.generate.people import people
from daatgal.generate.price_list import PriceList, price_list
from daatgal.generate.stage import Scene
from daatgal.generate.world import world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daatgal.generate.plan import Plan
    from daatgal.generate.rows import Bools, Truth


class PieceOut(NamedTuple):
    """What a piece gives."""

    claims: pa.RecordBatch
    truth: pa.RecordBatch


def truth_schema(id_type: str) -> pa.Schema:
    """claim_id, kind, related_claim_id (the claim it copies, replaces or belongs to; may be null)."""
    own_id = pa.int64() if id_type == "int64" else pa.string()
    return pa.schema([("claim_id", own_id), ("kind", pa.string()), ("related_claim_id", own_id)])


def pieces(plan: Plan) -> Iterator[PieceOut]:
    """All pieces of a batch, month after month; within a piece claims come in the order of their sending."""
    tables = world(plan)
    encoder = Encoder(plan, tables)
    prices: PriceList | None = None
    for piece in plan.pieces():
        if prices is None or not prices.from_day <= piece.month.first_day <= prices.to_day:
            prices = price_list(plan.book, piece.month.first_day)
        insured = people(plan.seed, piece.block, piece.people, plan.first_day, plan.book.exemption_categories)
        seen = visits(tables, piece, insured, plan.seed)
        rows = rows_of(tables, prices, piece, insured, seen, plan.seed, reporting_tests(plan, prices))
        scene = Scene(plan.seed, tables, prices, piece, insured)
        rows, truth = with_faults(scene, rows, seen.claims == 1, plan.rates)
        order = np.argsort(rows.presented_s(), kind="stable")
        yield PieceOut(encoder.batch(rows.take(order), prices), _truth_batch(plan, truth))


def reporting_tests(plan: Plan, prices: PriceList) -> Bools:
    """The services that carry a result: those the book's rules watch for a positive one."""
    watched = {
        code
        for row in plan.book.rules
        if row.rule == "POSITIVE_ALREADY"
        and row.parameter == "service_codes"
        and isinstance(row.value, tuple)
        for code in row.value
    }
    return np.array([service in watched for service in prices.services], dtype=np.bool_)


def _truth_batch(plan: Plan, truth: list[Truth]) -> pa.RecordBatch:
    none = np.zeros(0, dtype=np.int64)
    number = np.concatenate([none, *(part.number for part in truth)])
    related = np.concatenate([none, *(part.related for part in truth)])
    kind = pa.array([part.kind for part in truth for _ in range(part.number.size)], pa.string())
    columns = [claim_ids(number, plan.seed, plan.id_type), kind, claim_ids(related, plan.seed, plan.id_type)]
    return pa.RecordBatch.from_arrays(columns, schema=truth_schema(plan.id_type))

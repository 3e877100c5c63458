"""A synthetic batch as a folder: claims in parts, facilities, insured, the truth, and how to make it again.

In flows a plan; out flow Parquet files. Memory holds one row group and one piece, however many claims there are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.generate.encode import claims_schema
from daatgal.generate.facilities import facilities_table
from daatgal.generate.people import insured_schema, insured_tables, people
from daatgal.generate.pieces import pieces, truth_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daatgal.generate.people import People
    from daatgal.generate.plan import Plan

ROW_GROUP = 1 << 17
ROWS_IN_PART = 1 << 20
_COMPRESSION = "zstd"
_DISTINCT = frozenset(
    {"claim_id", "insured_id", "replaces_claim_id", "order_no", "start_at", "end_at", "submitted_at"}
)
"""Columns in which a dictionary of values would only be in the way."""


def write_plan(plan: Plan, out: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Write the batch into `out`: claims/part-*.parquet, facilities.parquet, insured.parquet, truth.parquet and
    generate.json. `progress` is told the claims written and the claims in all."""
    (out / "claims").mkdir(parents=True, exist_ok=True)
    for stale in (out / "claims").glob("part-*.parquet"):
        stale.unlink()
    parts = _Parts(out / "claims", claims_schema(plan.id_type))
    with pq.ParquetWriter(
        out / "truth.parquet", truth_schema(plan.id_type), compression=_COMPRESSION
    ) as truth:
        for piece in pieces(plan):
            parts.add(piece.claims)
            if piece.truth.num_rows:
                truth.write_batch(piece.truth)
            if progress is not None:
                progress(parts.rows, plan.claims)
    parts.close()
    pq.write_table(
        facilities_table(plan.seed, plan.blocks, plan.first_day),
        out / "facilities.parquet",
        compression=_COMPRESSION,
    )
    with pq.ParquetWriter(
        out / "insured.parquet", insured_schema(plan.id_type), compression=_COMPRESSION
    ) as insured:
        for table in insured_tables(
            all_people(plan), plan.seed, plan.id_type, plan.book.exemption_categories
        ):
            insured.write_table(table)
    (out / "generate.json").write_text(
        json.dumps(description(plan), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


def all_people(plan: Plan) -> Iterator[tuple[int, People]]:
    """The blocks of a batch's insured."""
    for block in range(plan.blocks):
        yield (
            block,
            people(plan.seed, block, plan.people_of(block), plan.first_day, plan.book.exemption_categories),
        )


def description(plan: Plan) -> dict[str, object]:
    """What made the batch: enough to make it again."""
    return {
        "synthetic": True,
        "claims": plan.claims,
        "seed": plan.seed,
        "first_month": plan.first_month,
        "months": plan.months,
        "ids": plan.id_type,
        "tariff": plan.book.name,
        "tariff_sha256": plan.book.sha256,
        "rates": vars(plan.rates),
    }


class _Parts:
    """Record batches of any size into files of ROWS_IN_PART rows in groups of ROW_GROUP."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self._folder = folder
        self._schema = schema
        self._settings: dict[str, Any] = {
            "compression": _COMPRESSION,
            "compression_level": 1,
            "use_dictionary": [name for name in schema.names if name not in _DISTINCT],
        }
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._writer: pq.ParquetWriter | None = None
        self._in_part = 0
        self._part = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        while self._waiting_rows >= ROW_GROUP:
            self._write(ROW_GROUP)

    def close(self) -> None:
        if self._waiting_rows or self._part == 0:
            self._write(self._waiting_rows)
        if self._writer is not None:
            self._writer.close()

    def _write(self, rows: int) -> None:
        table = pa.Table.from_batches(self._waiting, schema=self._schema)
        if self._writer is None:
            path = self._folder / f"part-{self._part:05d}.parquet"
            self._writer = pq.ParquetWriter(path, self._schema, **self._settings)
            self._part += 1
        self._writer.write_table(table.slice(0, rows), row_group_size=ROW_GROUP)
        rest = table.slice(rows)
        self._waiting, self._waiting_rows = rest.to_batches(), rest.num_rows
        self._in_part += rows
        if self._in_part >= ROWS_IN_PART:
            self._writer.close()
            self._writer, self._in_part = None, 0

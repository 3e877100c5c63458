"""Claims night by night through the product: plain rows in, settlements and the standing ledger out.

Also what is said of a difference: the smallest number of words that finds it.
"""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

import daatgal
from daatgal.nights.standing import standing_ledger
from daatgal.tariff.book import TariffBook
from tests.adversarial.table import ALL_CLAIM_COLUMNS, facilities_table, insured_table, to_table
from tests.engine_judge import decisions_table

Registers = dict[str, Any]


def registers_of(facilities: list[dict], insured: list[dict] | None, book: Path | TariffBook) -> Registers:
    """What every night is settled with, as the product takes it."""
    return {
        "facilities": facilities_table(facilities),
        "insured": None if insured is None else insured_table(insured),
        "tariff": book,
    }


def settle_nights(
    nights: list[list[dict]],
    registers: Registers,
    decisions: list[list[dict]] | None = None,
    as_of: date | None = None,
) -> list[daatgal.Settlement]:
    """One settlement a night, each with all before it as its history; `decisions` are given night by night."""
    ids = id_type(nights)
    history: list[daatgal.Settlement] = []
    for number, night in enumerate(nights):
        given = decisions[number] if decisions else []
        claims = as_claims(night, ids)
        manual = decisions_table(given) if given else None
        history.append(
            daatgal.settle(claims, **registers, history=list(history), decisions=manual, as_of=as_of)
        )
    return history


def id_type(nights: list[list[dict]]) -> pa.DataType:
    """Ids are of one type over all nights, also on a night that has none."""
    whole = any(isinstance(row.get("claim_id"), int) for night in nights for row in night)
    return pa.int64() if whole else pa.string()


def as_claims(rows: list[dict], ids: pa.DataType) -> pa.Table:
    """A night's table with every column of the contract; ids have the given type where no row of it tells."""
    every = dict.fromkeys(ALL_CLAIM_COLUMNS)
    table = to_table([every | row for row in rows])
    for name in ("claim_id", "insured_id", "replaces_claim_id"):
        column = table.schema.get_field_index(name)
        if column >= 0 and table[name].null_count == table.num_rows:
            table = table.set_column(column, name, pa.nulls(table.num_rows, ids))
    return table


def in_one(nights: list[list[dict]]) -> list[dict]:
    """All claims of all nights."""
    return [row for night in nights for row in night]


def by_claim(rows: list[dict]) -> dict[object, dict]:
    return {row["claim_id"]: row for row in rows}


def standing(history: list) -> dict[object, dict]:
    """The standing ledger by claim."""
    rows = standing_ledger(history).to_pylist()
    found = by_claim(rows)
    assert len(found) == len(rows)
    return found


def assert_same_claims(found: dict[object, dict], wanted: dict[object, dict]) -> None:
    """The same claims with the same outcome in every column."""
    assert found.keys() == wanted.keys(), (
        f"claims in one only: {sorted(map(str, found.keys() ^ wanted.keys()))[:5]}"
    )
    differing: Counter[str] = Counter()
    first = ""
    for claim_id, expected in wanted.items():
        assert found[claim_id].keys() == expected.keys()
        for column, value in expected.items():
            if found[claim_id][column] != value:
                differing[column] += 1
                first = first or f"{claim_id}, {column}: {found[claim_id][column]!r}, not {value!r}"
    assert not differing, f"{dict(differing)}; first of claim {first}"


def set_aside(tables: list[pa.Table]) -> Counter[str]:
    """What is in quarantine, and why, wherever the row stood."""
    return Counter(
        repr(
            {
                name: value
                for name, value in row.items()
                if name not in {"row", "messages"} and value is not None
            }
        )
        for table in tables
        for row in table.to_pylist()
    )


def assert_nights_add_up(nights: list[list[dict]], registers: Registers) -> list[daatgal.Settlement]:
    """The standing ledger and the quarantine after the last night are those of one run over all."""
    whole = daatgal.settle(as_claims(in_one(nights), id_type(nights)), **registers)
    history = settle_nights(nights, registers)
    assert_same_claims(standing(history), by_claim(whole.ledger.to_pylist()))
    assert set_aside([night.quarantine for night in history]) == set_aside([whole.quarantine])
    return history

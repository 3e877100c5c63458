"""Decode against DuckDB's normalisation of the same columns."""

from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.agreement import same_columns
from benchmarks.data import accepted_claims, registers, with_accepted
from benchmarks.pairs import ratio, seconds
from benchmarks.results import Part, Target, average, shown
from benchmarks.settings import Settings
from daatgal.decode import Decoded, decode

SQL = (Path(__file__).parents[1] / "decode.sql").read_text(encoding="utf-8")


def measure(settings: Settings) -> Part:
    data = with_accepted(settings.cache, settings.rows)
    claims, beside = accepted_claims(data), registers(data)
    numbered = claims.append_column("row_no", pa.arange(0, claims.num_rows))

    def ours() -> Decoded:
        return decode(claims, book=beside.book, facilities=beside.facilities)

    def theirs() -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": settings.threads, "memory_limit": "12GB"})
        connection.execute("SET preserve_insertion_order = false")
        connection.register("claims", numbered)
        connection.execute(SQL)
        return connection

    with theirs() as connection:
        normalised = connection.sql("FROM normalised ORDER BY row_no").to_arrow_table()
    compared = same_columns(ours(), normalised)
    del normalised
    pairs = [(seconds(theirs), seconds(ours)) for _ in range(settings.pairs)]
    duckdb_s, ours_s = zip(*pairs, strict=True)
    times = ratio(duckdb_s, ours_s)
    return Part(
        title="Decode",
        head=["rows", "DuckDB, s", "daatgal, s", "we are faster by"],
        table=[[f"{claims.num_rows:,}", shown(average(duckdb_s)), shown(average(ours_s)), f"{times:.1f} ×"]],
        targets=[Target("decode against DuckDB", "≥ 5 ×", f"{times:.1f} ×", times >= 5)],
        notes=[
            (
                "Both start from the same Arrow strings, accepted claims without the register of the insured. "
                f"Compared equal first, on every row: {', '.join(compared)} (hashes and codes up to their numbering)."
            ),
            (
                "Our side also tests every value for quarantine, follows messages to their originals, settles equal "
                "hashes by bytes, packs codes into integers and hands back the canonical Arrow table; "
                "`benchmarks/decode.sql` "
                "does not."
            ),
        ],
    )

"""One canonical form reaches the kernels: after flows over every layout, each has been entered in one way only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from tests.adversarial.books import write_adversarial_book

ROOT = Path(__file__).parents[1]
FLOW = """
import json, sys
from collections import defaultdict
from pathlib import Path

from daatgal.kernel_cache import choose_cache_folder
choose_cache_folder()
from numba.core.dispatcher import Dispatcher

entered = defaultdict(set)
compile_for_arguments = Dispatcher._compile_for_args

def counted(self, *arguments, **keywords):
    # Python enters a kernel here whenever it brings types that this kernel has not met (on two threads maybe twice).
    types = ", ".join(str(self.typeof_pyval(argument)) for argument in arguments)
    entered[f"{self.py_func.__module__}.{self.py_func.__name__}"].add(types)
    return compile_for_arguments(self, *arguments, **keywords)

Dispatcher._compile_for_args = counted

import pyarrow as pa
import daatgal
from tests.adversarial.claims import claims
from tests.adversarial.registers import facilities, insured
from tests.adversarial.table import facilities_table, insured_table, to_table

book = sys.argv[1]
registers = {"facilities": facilities_table(facilities()), "tariff": book}

def layouts(table):
    yield table
    yield table.slice(7)
    yield pa.concat_tables([table.slice(0, 20), table.slice(20, 0), table.slice(20)])
    yield table.slice(0, 0)
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        yield pa.table({n: table[n].cast(kind) if n in texts else table[n] for n in table.column_names})

for ids in ("string", "int64"):
    for untyped in (False, True):
        rows = claims(150, 3, people=5, ids=ids, untyped=untyped)
        people = insured_table(insured(5, 3, ids))
        for table in layouts(to_table(rows)):
            daatgal.settle(table, **registers)
            daatgal.settle(table, **registers, insured=people)
    clean = to_table(claims(150, 4, people=5, ids=ids, faulty=0, messages=0))
    daatgal.settle(clean, **registers)

from daatgal import settlement
settlement.BUCKET_ROWS = settlement.CHUNK_ROWS = 20
daatgal.settle(to_table(rows), **registers)
print(json.dumps({name: sorted(types) for name, types in entered.items()}))
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="no kernel is compiled here")
def test_each_kernel_is_entered_with_one_signature(tmp_path):
    book = write_adversarial_book(tmp_path / "book")
    done = subprocess.run(
        [sys.executable, "-c", FLOW, str(book)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    entered = json.loads(done.stdout)
    assert len(entered) > 30, "the flow enters nearly every kernel that Python calls"
    assert {name: types for name, types in entered.items() if len(types) > 1} == {}

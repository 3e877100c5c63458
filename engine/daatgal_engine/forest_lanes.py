"""Sixty-four rows a step: the one place where vector instructions are asked for by name.

In: ranks and node ids of a block of rows, one byte each, and one pass of `forest_chains.Passes`. Out: the node ids
after the pass. Row map, called by `forest_score` only.

LLVM's own vectoriser turns the same loop, written in Python, into code a third as fast (docs/decisions/
forest-scoring.md), so the loop is built from vectors of 64 bytes. They are no processor's instructions: LLVM fits
them to AVX-512, AVX2, NEON or whatever is there, with the same results. llvmlite is numba's own code builder.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from daatgal_engine.forest import U8, U32
from daatgal_engine.forest_chains import CHAIN_NODES, HEAD, NODE_FIELDS, STAY

LANES = 64
"""Rows a vector holds; blocks are whole multiples of it."""

FollowChain = Callable[[U8, U8, U32, Any, Any, Any], None]

_BYTE, _WORD, _LONG = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_VECTOR = ir.VectorType(_BYTE, LANES)
_ALL_FROM_FIRST = ir.Constant(ir.VectorType(_WORD, LANES), [0] * LANES)


def _in_python(nodes: int) -> FollowChain:
    """The same pass without the compiler, for runs under NUMBA_DISABLE_JIT."""

    def follow(rank: U8, place: U8, code: U32, at: int, slot: int, rows: int) -> None:
        fields = [int(field) for field in code[int(at)]]
        now = place[int(slot) : int(slot) + int(rows)]
        here = now == fields[HEAD]
        then = np.where(here, np.uint8(fields[STAY]), now)
        for node in range(nodes):
            column, threshold, leave = fields[NODE_FIELDS * node : NODE_FIELDS * (node + 1)]
            right = rank[column : column + int(rows)] > threshold
            then[here & right] = leave
        now[:] = then

    return follow


def _in_vectors(nodes: int) -> FollowChain:
    @intrinsic
    def follow(typing_context, rank, place, code, at, slot, rows):  # noqa: ARG001
        def codegen(context, builder, signature, arguments):
            def data(argument: int):
                array = context.make_array(signature.args[argument])
                return array(context, builder, arguments[argument]).data

            first_field = builder.mul(arguments[3], ir.Constant(_LONG, STAY + 1))

            def field(number: int):
                return builder.load(
                    builder.gep(data(2), [builder.add(first_field, ir.Constant(_LONG, number))])
                )

            def in_every_lane(value):
                unset = ir.Constant(_VECTOR, ir.Undefined)
                one = builder.insert_element(unset, builder.trunc(value, _BYTE), ir.Constant(_WORD, 0))
                return builder.shuffle_vector(one, unset, _ALL_FROM_FIRST)

            def lanes_at(start, row):
                return builder.bitcast(builder.gep(start, [row]), _VECTOR.as_pointer())

            node_fields = [
                [field(NODE_FIELDS * node + part) for part in range(NODE_FIELDS)] for node in range(nodes)
            ]
            columns = [builder.gep(data(0), [builder.zext(fields[0], _LONG)]) for fields in node_fields]
            thresholds = [in_every_lane(fields[1]) for fields in node_fields]
            leaves = [in_every_lane(fields[2]) for fields in node_fields]
            head, stay = in_every_lane(field(HEAD)), in_every_lane(field(STAY))
            places = builder.gep(data(1), [arguments[4]])
            step = ir.Constant(_LONG, LANES)
            with cgutils.for_range_slice(builder, ir.Constant(_LONG, 0), arguments[5], step, _LONG) as (
                row,
                _,
            ):
                now = builder.load(lanes_at(places, row), align=1)
                here = builder.icmp_unsigned("==", now, head)
                then = builder.select(here, stay, now)
                for column, threshold, leave in zip(columns, thresholds, leaves, strict=True):
                    value = builder.load(lanes_at(column, row), align=1)
                    right = builder.and_(here, builder.icmp_unsigned(">", value, threshold))
                    then = builder.select(right, leave, then)
                builder.store(then, lanes_at(places, row), align=1)
            return context.get_dummy_value()

        return types.void(rank, place, code, at, slot, rows), codegen

    return follow


_follow = [(_in_python if numba.config.DISABLE_JIT else _in_vectors)(n) for n in range(1, CHAIN_NODES + 1)]
follow_one, follow_two, follow_three, follow_four = _follow

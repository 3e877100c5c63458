"""Sixty-four rows a step: the one place where vector instructions are asked for by name.

In: columns of a block of rows, and the tables of `forest_ranks` and `forest_chains`. Out: ranks, places and path
sums. Row maps, called by the kernels of `forest_ranks` and `forest_score` only, with whole vectors: blocks are
multiples of LANES rows.

LLVM's own vectoriser turns the same loops, written in Python, into code a third as fast (docs/decisions/
forest-scoring.md), so they are built from vectors here. They are no processor's instructions: LLVM fits them to
AVX-512, AVX2, NEON or whatever is there, with the same results. The builder is numba's own. Each loop's
Python form, of the same name in `forest_lanes_plain`, takes its place where the compiler is switched off.
"""

from collections.abc import Callable
from typing import Any

from numba.core import cgutils, config, types
from numba.core.cgutils import ir
from numba.extending import intrinsic

from daatgal_engine import forest_lanes_plain
from daatgal_engine.forest_chains import CHAIN_NODES, HEAD, NODE_FIELDS, STAY

LANES = 64
"""Rows a step; also the bytes of a cache line."""
_WORDS = 16
"""Lanes of 32 bits in one register."""

_BYTE, _WORD, _LONG = ir.IntType(8), ir.IntType(32), ir.IntType(64)


class _Loop:
    """The body of a loop over rows, LANES at a step."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        self.context, self.builder = context, builder
        self.kinds, self.arguments = signature.args, arguments

    def data(self, argument: int) -> Any:
        """Where an array's values begin."""
        array = self.context.make_array(self.kinds[argument])
        return array(self.context, self.builder, self.arguments[argument]).data

    def steps(self, rows: Any) -> Any:
        """`with` this: the first row of each step."""
        first, step = ir.Constant(_LONG, 0), ir.Constant(_LONG, LANES)
        return cgutils.for_range_slice(self.builder, first, rows, step, _LONG)

    def after(self, row: Any, lanes: int) -> Any:
        """The row `lanes` on."""
        return self.builder.add(row, ir.Constant(_LONG, lanes))

    def everywhere(self, value: Any, lanes: int) -> Any:
        """`value` in every lane."""
        vector = ir.VectorType(value.type, lanes)
        unset, first = ir.Constant(vector, ir.Undefined), ir.Constant(_WORD, 0)
        one = self.builder.insert_element(unset, value, first)
        return self.builder.shuffle_vector(one, unset, ir.Constant(ir.VectorType(_WORD, lanes), [0] * lanes))

    def _place(self, start: Any, row: Any, kind: Any, lanes: int) -> Any:
        return self.builder.bitcast(self.builder.gep(start, [row]), ir.VectorType(kind, lanes).as_pointer())

    def load(self, start: Any, row: Any, kind: Any, lanes: int) -> Any:
        """The values of `lanes` rows from `row` on."""
        return self.builder.load(self._place(start, row, kind, lanes), align=1)

    def store(self, values: Any, start: Any, row: Any) -> None:
        """Set the values of the rows from `row` on."""
        self.builder.store(values, self._place(start, row, values.type.element, values.type.count), align=1)

    def gather(self, start: Any, index: Any, kind: Any) -> Any:
        """The table's value at each lane's index (32 bits, less than 2^31)."""
        lanes = index.type.count
        places = self.builder.gep(start, [index], source_etype=kind)
        places.type = ir.VectorType(start.type, lanes)
        vector, mask = ir.VectorType(kind, lanes), ir.VectorType(ir.IntType(1), lanes)
        name = f"llvm.masked.gather.v{lanes}i{kind.width}.v{lanes}p0"
        kinds = ir.FunctionType(vector, [places.type, _WORD, mask, vector])
        function = cgutils.get_or_insert_function(self.builder.module, kinds, name)
        all_lanes = ir.Constant(mask, [1] * lanes)
        return self.builder.call(
            function,
            [places, ir.Constant(_WORD, kind.width // 8), all_lanes, ir.Constant(vector, ir.Undefined)],
        )


def _follow(nodes: int) -> Any:
    @intrinsic
    def follow(_typing_context: Any, rank: Any, place: Any, code: Any, at: Any, slot: Any, rows: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            loop = _Loop(context, builder, signature, arguments)
            fields = loop.data(2)
            first_field = builder.mul(arguments[3], ir.Constant(_LONG, STAY + 1))

            def field(number: int) -> Any:
                return builder.load(
                    builder.gep(fields, [builder.add(first_field, ir.Constant(_LONG, number))])
                )

            def byte_field(number: int) -> Any:
                return loop.everywhere(builder.trunc(field(number), _BYTE), LANES)

            starts = [NODE_FIELDS * node for node in range(nodes)]
            columns = [builder.gep(loop.data(0), [builder.zext(field(start), _LONG)]) for start in starts]
            thresholds = [byte_field(start + 1) for start in starts]
            leaves = [byte_field(start + 2) for start in starts]
            head, stay = byte_field(HEAD), byte_field(STAY)
            places = builder.gep(loop.data(1), [arguments[4]])
            with loop.steps(arguments[5]) as (row, _):
                now = loop.load(places, row, _BYTE, LANES)
                here = builder.icmp_unsigned("==", now, head)
                then = builder.select(here, stay, now)
                for column, threshold, leave in zip(columns, thresholds, leaves, strict=True):
                    above = builder.icmp_unsigned(">", loop.load(column, row, _BYTE, LANES), threshold)
                    then = builder.select(builder.and_(here, above), leave, then)
                loop.store(then, places, row)
            return context.get_dummy_value()

        return types.void(rank, place, code, at, slot, rows), codegen

    return follow


@intrinsic
def _unpack_ranks(
    _typing_context: Any,
    packed_rank: Any,
    start: Any,
    position: Any,
    rank: Any,
    column: Any,
    stride: Any,
    rows: Any,
) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loop = _Loop(context, builder, signature, arguments)
        table = builder.gep(loop.data(0), [arguments[1]])
        positions, ranks = loop.data(2), builder.gep(loop.data(3), [arguments[4]])
        with loop.steps(arguments[6]) as (row, _):
            for lane in range(0, LANES, _WORDS):
                at = loop.after(row, lane)
                packed = loop.gather(table, loop.load(positions, at, _WORD, _WORDS), _WORD)
                for group in range(4):
                    shift = ir.Constant(packed.type, [8 * group] * _WORDS)
                    bytes_ = builder.trunc(builder.lshr(packed, shift), ir.VectorType(_BYTE, _WORDS))
                    offset = builder.mul(arguments[5], ir.Constant(_LONG, group))
                    loop.store(bytes_, ranks, builder.add(at, offset))
        return context.get_dummy_value()

    return types.void(packed_rank, start, position, rank, column, stride, rows), codegen


@intrinsic
def _find_positions(
    _typing_context: Any, bits: Any, search: Any, bucket_rank: Any, threshold: Any, position: Any, rows: Any
) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loop = _Loop(context, builder, signature, arguments)
        lowest, shift, last, halvings, first_bucket, first_key = cgutils.unpack_tuple(builder, arguments[1])
        values, positions = loop.data(0), loop.data(4)
        buckets, keys = builder.gep(loop.data(2), [first_bucket]), builder.gep(loop.data(3), [first_key])
        lowest, shift, last = (
            loop.everywhere(builder.trunc(value, _WORD), _WORDS) for value in (lowest, shift, last)
        )
        vector = lowest.type
        sign = ir.Constant(vector, [0x80000000] * _WORDS)
        one = ir.Constant(vector, [1] * _WORDS)
        with loop.steps(arguments[5]) as (row, _):
            ordered, place = [], []
            for lane in range(0, LANES, _WORDS):
                value = loop.load(values, loop.after(row, lane), _WORD, _WORDS)
                negative = builder.icmp_signed("<", value, ir.Constant(vector, [0] * _WORDS))
                key = builder.select(negative, builder.not_(value), builder.or_(value, sign))
                below = builder.icmp_unsigned("<", key, lowest)
                above = builder.select(below, ir.Constant(vector, [0] * _WORDS), builder.sub(key, lowest))
                bucket = builder.lshr(above, shift)
                bucket = builder.select(builder.icmp_unsigned(">", bucket, last), last, bucket)
                ordered.append(key)
                place.append(cgutils.alloca_once_value(builder, loop.gather(buckets, bucket, _WORD)))
            with cgutils.for_range(builder, halvings, intp=_LONG) as done:
                left = builder.sub(builder.sub(halvings, done.index), ir.Constant(_LONG, 1))
                half = loop.everywhere(builder.trunc(builder.shl(ir.Constant(_LONG, 1), left), _WORD), _WORDS)
                for key, kept in zip(ordered, place, strict=True):
                    now = builder.load(kept)
                    probe = loop.gather(keys, builder.sub(builder.add(now, half), one), _WORD)
                    over = builder.icmp_unsigned("<", probe, key)
                    builder.store(builder.select(over, builder.add(now, half), now), kept)
            for lane, kept in zip(range(0, LANES, _WORDS), place, strict=True):
                loop.store(builder.load(kept), positions, loop.after(row, lane))
        return context.get_dummy_value()

    return types.void(bits, search, bucket_rank, threshold, position, rows), codegen


_COMPILED = not getattr(config, "DISABLE_JIT", 0)
_follow_chain: list[Callable[..., None]] = [
    _follow(nodes) if _COMPILED else forest_lanes_plain.follow(nodes) for nodes in range(1, CHAIN_NODES + 1)
]
follow_one, follow_two, follow_three, follow_four = _follow_chain
unpack_ranks: Callable[..., None] = _unpack_ranks if _COMPILED else forest_lanes_plain.unpack_ranks
find_positions: Callable[..., None] = _find_positions if _COMPILED else forest_lanes_plain.find_positions

"""A stable sort of row positions by two integer keys, for group scans.

In: positions and, per position, a major and a minor key. Out: the positions in ascending order of (major, minor,
place before the sort). Ties keep their order, so sorting positions that stand in claim order breaks ties by it.
"""

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I64, Int

SHORT_RUN = 12
"""Below this length, insertion is faster than merging."""


@kernel
def insert_run(order: I64, major: I64, minor: I64, low: Int, high: Int) -> None:
    """Sort `order[low:high]` by insertion."""
    for i in range(low + 1, high):
        moving = order[i]
        j = i
        while j > low and (
            major[order[j - 1]] > major[moving]
            or (major[order[j - 1]] == major[moving] and minor[order[j - 1]] > minor[moving])
        ):
            order[j] = order[j - 1]
            j -= 1
        order[j] = moving


@kernel
def merge_runs(source: I64, out: I64, major: I64, minor: I64, bounds: tuple[Int, Int, Int]) -> None:
    """Merge the sorted `source[low:middle]` and `source[middle:high]` into `out[low:high]`."""
    low, middle, high = bounds
    left, right = low, middle
    for k in range(low, high):
        take_right = left == middle
        if not take_right and right < high:
            a, b = source[left], source[right]
            take_right = major[b] < major[a] or (major[b] == major[a] and minor[b] < minor[a])
        if take_right:
            out[k] = source[right]
            right += 1
        else:
            out[k] = source[left]
            left += 1


@kernel
def stable_sort(order: I64, major: I64, minor: I64, low_high: tuple[Int, Int], spare: I64) -> None:
    """Sort `order[low:high]` by `major` and `minor` of the positions it holds; `spare` is as long as `order`.

    O(k log k): a person with ten thousand claims costs little more per claim than one with ten.
    """
    low, high = low_high
    run = SHORT_RUN
    for begin in range(low, high, run):
        insert_run(order, major, minor, begin, min(begin + run, high))
    while run < high - low:
        for begin in range(low, high, 2 * run):
            middle = min(begin + run, high)
            merge_runs(order, spare, major, minor, (begin, middle, min(begin + 2 * run, high)))
        for i in range(low, high):
            order[i] = spare[i]
        run *= 2

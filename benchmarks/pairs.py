"""Paired runs: two ways of doing one thing, one after the other, again and again.

A machine that is busy for a while slows both sides of a pair, so the ratio is the median of the pairs' ratios.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes; what it returns is dropped after the clock has stopped."""
    gc.collect()
    started = time.perf_counter()
    kept = work()
    took = time.perf_counter() - started
    del kept
    return took


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How many times longer theirs takes: the median of the pairs."""
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """The power of the size that the times follow: the slope of the line through their logarithms."""
    from numpy import log, polyfit

    return float(polyfit(log(sizes), log(times), 1)[0])

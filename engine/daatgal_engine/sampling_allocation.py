"""How a sample is shared out among strata, in whole numbers.

In: the cases of each stratum, a weight for each, how many to draw in all. Out: how many of each. Kind: batch draw. All
of it is exact: remainders are compared as whole numbers, and ties go to the earlier stratum. Source: audit.md §4.
"""

from collections.abc import Sequence


def allocate(total: int, weights: Sequence[int], least: Sequence[int], most: Sequence[int]) -> list[int]:
    """Share `total` out in proportion to `weights`, each share between `least` and `most`.

    Shares are total·w/Σw by largest remainder. Where that leaves the bounds, the shares outside are set to their bound
    and the rest is shared out again, first on the side (too much or too little) that is off by more: the result is then
    clamp(λ·w) for one λ, rounded. Where all weights left are 0, the cases (`most`) are the weights. Expects
    Σ least ≤ total ≤ Σ most, and least ≤ most; raises ValueError where that does not hold.
    """
    if not sum(least) <= total <= sum(most) or any(a > b for a, b in zip(least, most, strict=True)):
        raise ValueError(f"cannot share {total} out: expected {sum(least)} to {sum(most)}")
    shares = [0] * len(weights)
    open_ = list(range(len(weights)))
    while open_:
        rest = total - sum(shares)
        weight = {h: weights[h] for h in open_}
        if not any(weight.values()):
            weight = {h: max(most[h], 1) for h in open_}
        every = sum(weight.values())
        over = {h: rest * weight[h] - most[h] * every for h in open_}
        under = {h: least[h] * every - rest * weight[h] for h in open_}
        too_much, too_little = ([h for h in open_ if off[h] > 0] for off in (over, under))
        if not too_much and not too_little:
            return _largest_remainder(rest, weight, shares)
        if sum(over[h] for h in too_much) >= sum(under[h] for h in too_little):
            outside, bound = too_much, most
        else:
            outside, bound = too_little, least
        for h in outside:
            shares[h] = bound[h]
            open_.remove(h)
    return shares


def _largest_remainder(total: int, weight: dict[int, int], shares: list[int]) -> list[int]:
    every = sum(weight.values())
    remainder = {h: total * w % every for h, w in weight.items()}
    for h, w in weight.items():
        shares[h] = total * w // every
    missing = total - sum(shares[h] for h in weight)
    for h in sorted(weight, key=lambda h: (-remainder[h], h))[:missing]:
        shares[h] += 1
    return shares

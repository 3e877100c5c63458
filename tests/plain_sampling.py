"""The sample once more, in plain Python from the text alone: size, certainty, strata, shares, draw.

Imports nothing of the product. A case is a dictionary with id, percentile (or None), amount, region, level, care_type;
a design is the dictionary of its TOML file. Slow and simple on purpose.
"""

import hashlib
import hmac
import math
from collections import Counter
from fractions import Fraction
from typing import Any

Case = dict[str, Any]


def number(key: bytes, text: str) -> int:
    return int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest()[:8], "big")


def key_of(secret: bytes, ids: list[str]) -> bytes:
    lines = b"".join(line + b"\n" for line in sorted(text.encode() for text in ids))
    return hmac.new(secret, hashlib.sha256(lines).digest(), hashlib.sha256).digest()


def size_of(claims: int, design: dict[str, Any]) -> int:
    exact = Fraction(claims * design["size"]["rate_bp"], 10_000)
    return max(math.floor(exact + Fraction(1, 2)), design["size"]["floor"])


def band(value: float | None, cuts: list[float]) -> int:
    return 0 if value is None else sum(1 for cut in cuts if value >= cut)


def share_out(total: int, weights: list[int], least: list[int], most: list[int]) -> list[int]:
    """clamp(λw) for the λ at which they add up to the total, found between the points where a share meets a bound;
    then largest remainder. Where the weights that may still grow are all 0, what is left goes by the number of cases.
    """
    growing = [Fraction(w) if w else Fraction(c, 10**30) for w, c in zip(weights, most, strict=True)]

    def at(scale: Fraction) -> list[Fraction]:
        return [
            min(max(scale * w, Fraction(a)), Fraction(b))
            for w, a, b in zip(growing, least, most, strict=True)
        ]

    turns = sorted({bound / w for bounds in (least, most) for bound, w in zip(bounds, growing, strict=True)})
    low = max((turn for turn in turns if sum(at(turn)) <= total), default=Fraction(0))
    high = min((turn for turn in turns if sum(at(turn)) >= total), default=low)
    rise = sum(at(high)) - sum(at(low))
    exact = at(low if not rise else low + (high - low) * (total - sum(at(low))) / rise)
    shares = [math.floor(share) for share in exact]
    order = sorted(range(len(shares)), key=lambda h: (shares[h] - exact[h], h))
    for h in order[: total - sum(shares)]:
        shares[h] += 1
    return shares


def put_together(
    keys: list[tuple[str, ...]], smallest: int, most: int
) -> dict[tuple[str, ...], tuple[str, ...]]:
    while True:
        home = {key: key for key in keys}
        for level in reversed(range(len(keys[0]))):
            count = Counter(home[key] for key in keys)
            for key, now in list(home.items()):
                if count[now] < smallest:
                    home[key] = now[:level] + ("*",) * (len(now) - level)
        if len(set(home.values())) <= max(1, most):
            return home
        smallest *= 2


def weight_of(cases: list[Case], allocation: str) -> int:
    if allocation == "proportional":
        return len(cases)
    amounts = [case["amount"] for case in cases]
    mean = Fraction(sum(amounts), len(amounts))
    squares = sum((amount - mean) ** 2 for amount in amounts)
    variance = squares / max(len(amounts) - 1, 1)
    return math.isqrt(math.floor(len(amounts) ** 2 * variance))


def plan(cases: list[Case], claims: int, design: dict[str, Any]) -> dict[str, tuple[int, list[str]]]:
    """stratum → (how many are drawn, the ids in it)."""
    size = min(size_of(claims, design), len(cases))
    limits, risk = design["certainty"], design["risk"]
    over = [
        case
        for case in cases
        if case["percentile"] is not None
        and case["percentile"] >= limits["percentile"]
        and case["amount"] >= limits["amount_mnt"]
    ]
    over.sort(key=lambda case: (-case["percentile"], -case["amount"], case["id"].encode()))
    certain = {case["id"] for case in over[: size // 2]}
    parts: dict[str, list[Case]] = {"certainty": [], "risk": [], "random": []}
    for case in cases:
        risky = band(case["percentile"], risk["percentile_cuts"]) > 0
        name = "certainty" if case["id"] in certain else "risk" if risky else "random"
        parts[name].append(case)
    minimum, left = design["strata"]["minimum"], size - len(certain)
    counts = [len(parts["risk"]), len(parts["random"])]
    share = design["baseline"]["share_bp"]
    sizes = share_out(left, [10_000 - share, share], [min(minimum, count) for count in counts], counts)
    strata: dict[str, tuple[int, list[str]]] = {}
    within = {
        "certainty": [],
        "risk": ["risk", "amount", *risk["within"]],
        "random": design["baseline"]["within"],
    }
    for name, wanted in zip(parts, [len(certain), *sizes], strict=True):
        if not parts[name]:
            continue
        keys = [tuple(label(case, dimension, risk) for dimension in within[name]) for case in parts[name]]
        in_proportion = math.ceil(Fraction(minimum * len(keys), wanted))
        smallest = max(design["strata"]["smallest"], in_proportion)
        home = put_together(keys, smallest, wanted // minimum)
        groups: dict[tuple[str, ...], list[Case]] = {}
        factors: dict[tuple[str, ...], int] = {}
        for case, key in zip(parts[name], keys, strict=True):
            groups.setdefault(home[key], []).append(case)
            factor = risk["factors"][int(key[0]) - 1] if name == "risk" else 1
            factors[home[key]] = min(factor, factors.get(home[key], factor))
        named = sorted(groups)
        allocation = {"certainty": "proportional", "risk": risk["allocation"]}.get(
            name, design["baseline"]["allocation"]
        )
        weights = [weight_of(groups[key], allocation) * factors[key] for key in named]
        most = [len(groups[key]) for key in named]
        drawn = share_out(wanted, weights, [min(minimum, count) for count in most], most)
        for key, count in zip(named, drawn, strict=True):
            strata["/".join((name, *key))] = (count, [case["id"] for case in groups[key]])
    return strata


def label(case: Case, dimension: str, risk: dict[str, Any]) -> str:
    if dimension == "risk":
        return str(band(case["percentile"], risk["percentile_cuts"]))
    if dimension == "amount":
        return str(band(case["amount"], risk["amount_cuts_mnt"]))
    return case[dimension]


def draw(strata: dict[str, tuple[int, list[str]]], secret: bytes) -> dict[str, tuple[str, Fraction, int]]:
    """drawn id → (stratum, probability, number)."""
    key = key_of(secret, [text for _, ids in strata.values() for text in ids])
    drawn: dict[str, tuple[str, Fraction, int]] = {}
    for name, (count, ids) in strata.items():
        ranked = sorted(ids, key=lambda text: number(key, text))
        for text in ranked[:count]:
            drawn[text] = (name, Fraction(count, len(ids)), number(key, text))
    return drawn

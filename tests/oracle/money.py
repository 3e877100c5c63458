"""The only rounding there is."""


def half_up(n: int, d: int) -> int:
    """n / d to the nearest whole number, halves up; n ≥ 0, d > 0."""
    assert n >= 0
    assert d > 0
    return (2 * n + d) // (2 * d)

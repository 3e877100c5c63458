"""Seeded feature matrices: heavy-tailed ones, as claims have, and uniform ones, which fill every tree."""

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


def claims_like(rows: int, features: int, seed: int) -> F32:
    """Amounts (log-normal) and counts (negative binomial, Poisson of a gamma): about 40 inner nodes a tree."""
    random = np.random.default_rng(seed)
    matrix = np.empty((rows, features), dtype=np.float32, order="F")
    for feature in range(features):
        match feature % 4:
            case 0:
                matrix[:, feature] = random.lognormal(0.0, 2.0, rows)
            case 1:
                matrix[:, feature] = random.negative_binomial(1, 0.2, rows)
            case 2:
                matrix[:, feature] = random.lognormal(10.0, 1.2, rows)
            case _:
                matrix[:, feature] = random.poisson(random.gamma(0.5, 4.0, rows))
    return matrix


def uniform(rows: int, features: int, seed: int) -> F32:
    """Uniform on [0, 1): about 100 inner nodes a tree of 256 rows."""
    return np.asfortranarray(np.random.default_rng(seed).random((rows, features), dtype=np.float32))


MAKERS = {"claims-like": claims_like, "uniform": uniform}

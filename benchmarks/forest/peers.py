"""Each peer as an expert would run it: the same forest where it can load one, both cores, float32 rows.

In: a fitted scikit-learn forest and its training rows. Out: a function from rows to scores (higher is stranger), and
whether those scores must equal scikit-learn's.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from joblib import parallel_config
from sklearn.ensemble import IsolationForest

Rows = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]
FEW_ROWS = 20_000


class Peer(NamedTuple):
    """One way of scoring."""

    name: str
    score: Callable[[Rows], Scores]
    same_forest: bool
    most_rows: int = 1_000_000_000
    """a peer a hundred times slower is timed, against us, on fewer rows"""


def scikit_learn_default(fitted: IsolationForest, training: Rows, cores: int) -> Peer:
    del training, cores
    return Peer("scikit-learn, default call", lambda rows: -fitted.score_samples(rows), same_forest=True)


def scikit_learn(fitted: IsolationForest, training: Rows, cores: int) -> Peer:
    del training

    def score(rows: Rows) -> Scores:
        with parallel_config(backend="threading", n_jobs=cores):
            return -fitted.score_samples(rows)

    return Peer("scikit-learn, parallel_config", score, same_forest=True)


def tl2cgen(fitted: IsolationForest, training: Rows, cores: int) -> Peer:
    del training
    import tl2cgen as compiler
    import treelite

    library = Path(tempfile.mkdtemp()) / "forest.so"
    model: Any = treelite.sklearn.import_model(fitted)
    compiler.export_lib(model, toolchain="gcc", libpath=library, params={"parallel_comp": cores})
    predictor = compiler.Predictor(library, nthread=cores)
    return Peer(
        "tl2cgen (gcc)", lambda rows: predictor.predict(compiler.DMatrix(rows)).ravel(), same_forest=True
    )


def treelite(fitted: IsolationForest, training: Rows, cores: int) -> Peer:
    del training
    import treelite as library

    model: Any = library.sklearn.import_model(fitted)
    return Peer(
        "treelite GTIL",
        lambda rows: library.gtil.predict(model, rows, nthread=cores).ravel(),
        same_forest=True,
        most_rows=FEW_ROWS,
    )


def onnx_runtime(fitted: IsolationForest, training: Rows, cores: int) -> Peer:
    import onnxruntime
    from skl2onnx import to_onnx

    model = to_onnx(fitted, training[:1], target_opset={"": 15, "ai.onnx.ml": 3})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return Peer(
        "ONNX Runtime",
        lambda rows: 0.5 - session.run(["scores"], {name: rows})[0].ravel(),
        same_forest=True,
        most_rows=FEW_ROWS,
    )


def isotree(fitted: IsolationForest, training: Rows, cores: int) -> Peer:
    import isotree as library

    own = library.IsolationForest(
        ntrees=len(fitted.estimators_),
        sample_size=fitted.max_samples_,
        ndim=1,
        missing_action="fail",
        nthreads=cores,
        random_seed=1,
    ).fit(training)
    return Peer("isotree", own.predict, same_forest=False)


def coniferest(fitted: IsolationForest, training: Rows, cores: int) -> Peer:
    from coniferest.isoforest import IsolationForest as Forest

    own = Forest(
        n_trees=len(fitted.estimators_), n_subsamples=fitted.max_samples_, n_jobs=cores, random_seed=1
    )
    own.fit(training.astype(np.float64))
    return Peer("coniferest", lambda rows: -own.score_samples(rows), same_forest=False)


SCIKIT_LEARN = [scikit_learn]
ALL = [scikit_learn, scikit_learn_default, tl2cgen, coniferest, isotree, treelite, onnx_runtime]

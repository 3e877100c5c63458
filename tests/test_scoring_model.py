"""The model folder: the same model comes back, and nothing else is accepted."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from daatgal.errors import DaatgalError, OutputError
from daatgal.forest import ModelError
from daatgal.scoring import load_model, save_model
from daatgal.scoring import model as folder_of_model
from tests.scoring_nights import batch, model, registers, scored, whole
from tests.scoring_nights import model as trained

FILES = 11


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(model(), tmp_path / "model")
    return tmp_path / "model"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_model_comes_back_and_scores_the_same(folder: Path) -> None:
    import daatgal

    back = load_model(folder)
    assert back.sha256 == trained().sha256
    assert back.describe() == trained().describe()
    for name, kept in trained().distributions.items():
        for ours, theirs in zip(kept, back.distributions[name], strict=True):
            assert np.array_equal(ours, theirs), name
    again = daatgal.score(whole(), model=folder, **registers())
    assert again.scores.equals(scored(whole()).scores)
    assert again.summary == scored(whole()).summary


def test_the_same_model_is_the_same_bytes_and_writing_it_again_is_no_change(
    folder: Path, tmp_path: Path
) -> None:
    save_model(load_model(folder), tmp_path / "again")
    assert len(_files(folder)) == FILES
    for one, two in zip(_files(folder), _files(tmp_path / "again"), strict=True):
        assert one.read_bytes() == two.read_bytes()
    before = {path: path.stat().st_mtime_ns for path in _files(folder)}
    assert save_model(model(), folder) == model().sha256
    assert {path: path.stat().st_mtime_ns for path in _files(folder)} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "model"]


def test_a_model_is_never_overwritten(folder: Path, tmp_path: Path) -> None:
    other = folder_of_model.named(replace(model(), seed=99))
    with pytest.raises(OutputError, match=r"holds another model .* a model is never overwritten"):
        save_model(other, folder)
    assert load_model(folder).sha256 == model().sha256
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is there already and holds no model"):
        save_model(model(), tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("number", range(FILES))
def test_a_changed_file_is_refused_by_name(folder: Path, number: int) -> None:
    path = _files(folder)[number]
    content = path.read_bytes()
    for place in (0, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(DaatgalError, match=re.escape(str(path))):
            load_model(folder)
    path.write_bytes(content + b"\n")
    with pytest.raises(DaatgalError, match=re.escape(str(path))):
        load_model(folder)
    path.unlink()
    with pytest.raises(DaatgalError, match=re.escape(str(path.parent))):
        load_model(folder)


def test_a_file_of_another_model_is_refused(folder: Path, tmp_path: Path) -> None:
    """Each part is whole by itself, sealed even: only the hash over all of them shows the exchange."""
    import daatgal

    other = daatgal.train([whole()], **registers(), seed=8)
    save_model(other, tmp_path / "other")
    shutil.copy(tmp_path / "other" / "forest.arrow", folder / "forest.arrow")
    with pytest.raises(ModelError, match=r"forest\.arrow: its bytes changed: expected sha256"):
        load_model(folder)


def test_a_file_that_is_not_listed_is_refused(folder: Path) -> None:
    (folder / "aggregates" / "more.parquet").write_bytes(b"PAR1")
    with pytest.raises(ModelError, match=r"more\.parquet: is no part of the model"):
        load_model(folder)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no model\.json; expected a folder of `daatgal train`"):
        load_model(tmp_path)
    (tmp_path / "model.json").write_text("[]")
    with pytest.raises(ModelError, match=r"model\.json: is not the model\.json of a model"):
        load_model(tmp_path)


def _resealed(folder: Path, **changes: object) -> None:
    path = folder / "model.json"
    content = json.loads(path.read_text()) | changes
    del content["sha256"]
    content["sha256"] = folder_of_model._digest(content)
    path.write_bytes(folder_of_model._render(content))


def test_a_sealed_folder_of_another_kind_is_refused(folder: Path) -> None:
    kept = json.loads((folder / "model.json").read_text())["distributions"]
    _resealed(folder, distributions={"score": kept["score"]})
    with pytest.raises(ModelError, match=r"model\.json: expected 101 percentiles of each feature"):
        load_model(folder)
    _resealed(folder, distributions=kept | {"score": kept["score"] | {"percentile": [0.1, 0.2]}})
    with pytest.raises(ModelError, match=r"model\.json: expected 101 percentiles of each feature"):
        load_model(folder)
    _resealed(folder, format=2)
    with pytest.raises(ModelError, match="has format 2; this version reads format 1"):
        load_model(folder)


def test_a_model_of_other_features_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = tuple(
        replace(feature, version="2") if feature.name == "day_off" else feature
        for feature in folder_of_model.FEATURES
    )
    monkeypatch.setattr(folder_of_model, "FEATURES", newer)
    with pytest.raises(ModelError, match="others than this version computes, in day_off; expected a model"):
        load_model(folder)


def test_nothing_is_left_behind_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_of_model, "write_synced", full)
    with pytest.raises(OutputError, match="free some space and run again"):
        save_model(model(), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []
    assert batch().claims.num_rows > 0

"""Folders of several machines become one board; what is not comparable is refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from published_folders import METHODS, settings, write_folder

from benchmark.cli import main
from benchmark.errors import DataError
from benchmark.publish.merge import merge


def test_shards_of_two_machines_are_one_board(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "a", methods=("joint",))
    second = write_folder(tmp_path / "b", methods=("maml",), machine={"cpu": "Ryzen"})
    merged = merge([first, second])
    assert set(merged.records["method"]) == {"joint", "maml"}
    assert merged.machines == ["Xeon, 2 cores", "Ryzen"]
    assert merged.name == "a, b"


def test_a_cell_that_two_folders_hold_counts_once(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "a", failures=1)
    second = write_folder(tmp_path / "b")
    merged = merge([first, second])
    assert merged.records["cell"].is_unique
    assert set(merged.records["status"]) == {"ok"}


@pytest.mark.parametrize(
    ("common", "field"),
    [
        ({"budget": {"meta_train": 64, "adapt": 17}}, "budget.adapt: 16 -> 17"),
        ({"normaliser": "basic-2"}, "normaliser: basic-1 -> basic-2"),
        ({"data": settings("maml", "none", "nl", 0)["data"] | {"train": ["es"]}}, "data.train"),
    ],
)
def test_another_setting_that_all_cells_share_is_refused(
    common: dict[str, object], field: str, tmp_path: Path
) -> None:
    first = write_folder(tmp_path / "a", methods=("joint",))
    second = write_folder(tmp_path / "b", methods=("maml",), **common)
    with pytest.raises(DataError, match="not comparable") as refused:
        merge([first, second])
    assert field in str(refused.value)


def test_a_label_that_stands_for_other_settings_is_refused(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "a", methods=("joint",))
    other = settings("maml", "none", "nl", 0)["settings"]
    other["optimizer"] = {"name": "sgd", "version": 1, "settings": {"lr": 0.5}}
    second = write_folder(tmp_path / "b", methods=("maml",), languages=("nl",), settings=other)
    with pytest.raises(DataError, match=r"sgd.settings.lr: absent -> 0.5"):
        merge([first, second])


def tuned(folder: Path, method: str, language: str, lr: float = 0.5, trials: int = 8) -> Path:
    """A folder whose optimizer was tuned."""
    write_folder(folder, methods=(method,), languages=(language,))
    records = pd.read_parquet(folder / "records.parquet").assign(optimizer="sgd(tuned)")
    member = {"name": "sgd", "version": 1, "settings": {"lr": lr}}
    changed = {
        "optimizer": "sgd(tuned)",
        "tuned": {"from": {"optimizer": "sgd"}, "trials": trials, "draws": 2},
    }
    for index, params in enumerate(map(json.loads, records["params"])):
        params |= changed
        params["settings"]["optimizer"] = member
        records.loc[index, "params"] = json.dumps(params)
    records.to_parquet(folder / "records.parquet", index=False)
    return folder


def test_a_tuned_label_stands_for_other_settings_in_each_combination(tmp_path: Path) -> None:
    plain = write_folder(tmp_path / "a", methods=("joint",), languages=("nl",))
    joint = tuned(tmp_path / "b", "joint", "hi", lr=0.5)
    maml = tuned(tmp_path / "c", "maml", "hi", lr=0.1)
    merged = merge([plain, joint, maml])
    assert merged.members["optimizer"]["sgd(tuned)"] == {"name": "sgd", "version": 1}
    assert "tuned" not in merged.common


def test_settings_that_were_not_tuned_alike_are_refused(tmp_path: Path) -> None:
    first = tuned(tmp_path / "a", "joint", "nl")
    others = {
        "settings.lr: 0.5 -> 0.1": tuned(tmp_path / "b", "joint", "hi", lr=0.1),
        "tuned.trials: 8 -> 64": tuned(tmp_path / "c", "maml", "hi", trials=64),
    }
    for field, folder in others.items():
        with pytest.raises(DataError, match="not comparable") as refused:
            merge([first, folder])
        assert field in str(refused.value)


def test_other_audio_for_a_language_is_refused(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "a", methods=("joint",))
    second = write_folder(tmp_path / "b", methods=("maml",))
    change_provenance(second, corpora=[{"language": "hi", "digest": "another"}])
    with pytest.raises(DataError, match="different speech for 'hi'"):
        merge([first, second])


def test_two_results_for_one_cell_are_refused(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "a")
    second = write_folder(tmp_path / "b")
    table = pd.read_parquet(second / "records.parquet")
    table.loc[3, "n_errors"] += 1
    table.to_parquet(second / "records.parquet", index=False)
    with pytest.raises(DataError, match=f"different results for cell {table.loc[3, 'cell']}"):
        merge([first, second])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda f: (f / "utterances.parquet").unlink(), "no utterances.parquet"),
        (lambda f: (f / "provenance.json").unlink(), "no provenance.json"),
        (lambda f: (f / "records.parquet").unlink(), "no records.parquet"),
        (lambda f: (f / "records.parquet").write_bytes(b"PAR1 half"), "not a readable Parquet"),
        (lambda f: (f / "utterances.parquet").write_bytes(b"PAR1"), "not a readable Parquet file"),
        (lambda f: (f / "provenance.json").write_text("{"), "not valid JSON"),
        (lambda f: change_provenance(f, corpora=None), "names no corpora"),
        (lambda f: keep_columns(f, without="params"), "another version"),
        (lambda f: keep_columns(f, without="lineage"), "another version"),
        (lambda f: rewrite(f, params="{}"), "settings .params. are not valid"),
        (lambda f: keep_rows(f, "records", 0), "no cells"),
        (lambda f: keep_rows(f, "utterances", 20), "the folder is incomplete"),
    ],
)
def test_a_folder_that_cannot_be_published_leaves_the_previous_site(
    damage: Callable[[Path], object], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = write_folder(tmp_path / "r", methods=("joint",))
    target = ["--to", str(tmp_path / "site")]
    assert main(["publish", str(results), *target]) == 0
    before = contents(tmp_path / "site")
    damage(results)
    assert main(["publish", str(results), *target]) == 3
    error = capsys.readouterr().err
    assert re.search(words, error)
    assert error.count("\n") <= 2
    assert contents(tmp_path / "site") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r", "site"]


def test_a_folder_that_is_no_site_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = write_folder(tmp_path / "r", methods=("joint",))
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.tex").write_text("years of work")
    assert main(["publish", str(results), "--to", str(tmp_path / "thesis")]) == 2
    assert "neither empty nor a published site" in capsys.readouterr().err
    assert (tmp_path / "thesis/chapter.tex").exists()


def test_a_site_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "site"
    first = write_folder(tmp_path / "a")
    assert main(["publish", str(first), "--to", str(target)]) == 0
    assert (target / "methods/scratch.html").exists()
    second = write_folder(tmp_path / "b", methods=tuple(METHODS)[:2])
    assert main(["publish", str(second), "--to", str(target)]) == 0
    assert not (target / "methods/scratch.html").exists()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def change_provenance(folder: Path, **values: object) -> None:
    path = folder / "provenance.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def keep_columns(folder: Path, without: str) -> None:
    path = folder / "records.parquet"
    pd.read_parquet(path).drop(columns=without).to_parquet(path, index=False)


def rewrite(folder: Path, **values: object) -> None:
    path = folder / "records.parquet"
    pd.read_parquet(path).assign(**values).to_parquet(path, index=False)


def keep_rows(folder: Path, name: str, number: int) -> None:
    path = folder / f"{name}.parquet"
    pd.read_parquet(path).head(number).to_parquet(path, index=False)

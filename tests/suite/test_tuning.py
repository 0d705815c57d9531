"""The `tune` section: what it adds to the matrix, and mistakes named with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import SuiteError
from benchmark.suite.load import load
from benchmark.suite.matrix import Matrix, matrix
from benchmark.suite.schema import Suite


@pytest.fixture
def suite_file(tmp_path: Path, suite_text: str) -> Path:
    """The tiny suite with a language kept for tuning."""
    path = tmp_path / "tiny.yaml"
    path.write_text(suite_text.replace("train: [aa, bb]", "train: [aa]\n  validation: [bb]"))
    return path


def tuned(path: Path, section: str) -> Suite:
    path.write_text(path.read_text() + f"tune: {section}\n")
    return load(path)


def pairs(found: Matrix) -> list[tuple[str, str]]:
    return list(dict.fromkeys((cell.method.label, cell.optimizer.label) for cell in found.cells))


def test_every_combination_has_a_tuned_row_beside_the_default(suite_file: Path) -> None:
    suite = tuned(suite_file, "{}")
    assert len(matrix(suite).cells) == 2 * 12
    assert pairs(matrix(suite))[:4] == [
        ("scratch", "sgd"),
        ("scratch", "sgd(tuned)"),
        ("scratch", "adamw"),
        ("scratch", "adamw(tuned)"),
    ]


def test_methods_and_optimizers_are_tuned_together_when_both_are_named(suite_file: Path) -> None:
    found = pairs(matrix(tuned(suite_file, "{axes: [methods, optimizers]}")))
    fomaml = "fomaml(support=4,query=4,tasks=2"
    assert found[-4:] == [
        (f"{fomaml})", "sgd"),
        (f"{fomaml})", "adamw"),
        (f"{fomaml},tuned)", "sgd(tuned)"),
        (f"{fomaml},tuned)", "adamw(tuned)"),
    ]


def test_only_keeps_default_or_tuned_cells_by_their_label(suite_file: Path) -> None:
    suite = tuned(suite_file, "{}")
    for label in ("adamw", "adamw(tuned)"):
        cells = matrix(suite, {"optimizer": [label]}).cells
        assert len(cells) == 6
        assert {cell.optimizer.label for cell in cells} == {label}


def test_what_excludes_a_cell_excludes_its_tuned_version(suite_file: Path) -> None:
    suite = tuned(suite_file, "{}\nexclude: [{method: joint, optimizer: sgd, reason: why}]")
    result = matrix(suite)
    assert {pair for pair in pairs(result) if pair[0] == "joint"} == {
        ("joint", "adamw"),
        ("joint", "adamw(tuned)"),
    }
    assert result.excluded[0][1] == 4


def test_a_space_replaces_the_declared_one_and_holds_the_default_too(suite_file: Path) -> None:
    suite = tuned(suite_file, "{space: {adamw: {lr: [1e-4, 0.001]}}}")
    assert suite.tune is not None
    assert suite.tune.space["optimizer"]["adamw"] == {"lr": (1e-4, 1e-3, 2e-3)}
    assert set(suite.tune.space["optimizer"]["sgd"]) == {"lr"}


def test_what_an_entry_sets_itself_is_held(suite_file: Path) -> None:
    text = suite_file.read_text().replace("adamw]", "{name: adamw, lr: 0.01}]")
    suite_file.write_text(text)
    suite = tuned(suite_file, "{}")
    assert suite.tune is not None
    assert set(suite.tune.space["optimizer"]["adamw(lr=0.01)"]) == {"beta2", "weight_decay"}


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("{trails: 8}", r"tiny.yaml:\d+: unknown key 'tune.trails'; did you mean 'trials'"),
        ("{trials: 1}", "tune.trials = 1: .*greater than or equal to 2"),
        ("{draws: 0}", "tune.draws = 0"),
        ("{axes: [models]}", "tune.axes.0 = 'models'"),
        ("{axes: []}", "'tune.axes' is empty"),
        ("", "tune = None: input should be a valid dict"),
        ("{space: {adamv: {lr: [1]}}}", "tune.space names 'adamv'; did you mean 'adamw'"),
        (
            "{space: {joint: {batch_size: [4]}}}",
            "tune.space names 'joint', an entry of methods, which tune.axes does not have",
        ),
        ("{space: {adamw: {learning: [1]}}}", "adamw has no parameter 'learning'"),
        ("{space: {adamw: {weight_dekay: [1]}}}", "did you mean 'weight_decay'"),
        ("{space: {adamw: {}}}", "tune.space.adamw names no parameter"),
        ("{space: {adamw: {lr: []}}}", "tune.space.adamw.lr is empty"),
        ("{space: {adamw: {lr: 0.1}}}", "tune.space.adamw.lr = 0.1"),
        ("{space: {adamw: {lr: [0.1, fast]}}}", "adamw: lr = 'fast'"),
        ("{space: {adamw: {lr: [-1]}}}", "adamw: lr = -1: .*greater than 0"),
        ("{space: {sgd: {lr: [1.0]}}}", "sgd has nothing to tune: lr has only"),
    ],
)
def test_a_mistake_is_named_with_what_was_meant(
    suite_file: Path, section: str, message: str
) -> None:
    with pytest.raises(SuiteError, match=message) as caught:
        tuned(suite_file, section)
    assert f"{suite_file}:{len(suite_file.read_text().splitlines())}: " in str(caught.value)


def test_tuning_without_a_validation_language_is_refused(suite_file: Path) -> None:
    suite_file.write_text(suite_file.read_text().replace("  validation: [bb]\n", ""))
    with pytest.raises(SuiteError, match=r"name validation languages under data\.validation"):
        tuned(suite_file, "{}")


def test_nothing_left_to_tune_is_said(suite_file: Path) -> None:
    suite_file.write_text(suite_file.read_text().replace("[sgd,", "[{name: sgd, lr: 0.1},"))
    with pytest.raises(
        SuiteError, match=r"sgd\(lr=0.1\) has nothing to tune: lr is set explicitly"
    ):
        tuned(suite_file, "{}")


def test_a_member_without_a_search_space_asks_for_one(
    suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain_optimizers.py").write_text(
        "from dataclasses import dataclass\n"
        "from benchmark.optimizers.base import Optimizer\n"
        "@dataclass(frozen=True)\nclass Plain(Optimizer):\n    '''Plain.'''\n"
        "    def build(self, parameters):\n        raise NotImplementedError\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    name = "plain_optimizers:Plain"
    suite_file.write_text(suite_file.read_text().replace("adamw]", f"'{name}']"))
    with pytest.raises(SuiteError, match=f"{name} declares no search space; give it one"):
        tuned(suite_file, "{}")
    suite = load(suite_file, [f"tune.space={{'{name}': {{lr: [0.1]}}}}"])
    assert suite.tune is not None
    assert suite.tune.space["optimizer"][name] == {"lr": (0.1, 1e-3)}

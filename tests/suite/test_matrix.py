"""Which cells a suite stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import SuiteError, UserError
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix, selections


def test_the_matrix_is_the_product_of_its_axes(suite_file: Path) -> None:
    cells = matrix(load(suite_file)).cells
    assert len(cells) == 3 * 2 * 2
    assert len({tuple(cell.labels.items()) for cell in cells}) == len(cells)


def test_exclusions_drop_cells_and_keep_their_reason(suite_file: Path) -> None:
    entry = "exclude: [{optimizer: sgd, compression: [int8], reason: known to fail}]\n"
    suite_file.write_text(suite_file.read_text() + entry)
    result = matrix(load(suite_file))
    assert len(result.cells) == 9
    assert [(e.reason, n) for e, n in result.excluded] == [("known to fail", 3)]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{optimizer: sgd}", "must give its reason"),
        ("{reason: why}", "names at least one axis"),
        ("{optimiser: sgd, reason: why}", "unknown axis 'optimiser'; did you mean 'optimizer'"),
        ("{optimizer: adam, reason: why}", "no optimizer 'adam' here; did you mean 'adamw'"),
    ],
)
def test_a_wrong_exclusion_is_refused(suite_file: Path, entry: str, message: str) -> None:
    suite_file.write_text(suite_file.read_text() + f"exclude: [{entry}]\n")
    with pytest.raises(SuiteError, match=message):
        load(suite_file)


def test_only_keeps_the_named_values(suite_file: Path) -> None:
    text = suite_file.read_text().replace("joint,", "{name: joint, batch_size: 4},")
    suite_file.write_text(text)
    suite = load(suite_file)
    kept = matrix(suite, selections(["method=joint(batch_size=4),scratch", "optimizer=sgd"])).cells
    assert {cell.labels["method"] for cell in kept} == {"joint(batch_size=4)", "scratch"}
    assert {cell.labels["optimizer"] for cell in kept} == {"sgd"}
    with pytest.raises(UserError, match="no method 'mml'"):
        matrix(suite, selections(["method=mml"]))
    with pytest.raises(UserError, match="unknown axis 'methods'"):
        matrix(suite, selections(["methods=joint"]))


def test_a_suite_without_any_cell_left_is_an_error(suite_file: Path) -> None:
    suite_file.write_text(suite_file.read_text() + "exclude: [{language: cc, reason: all}]\n")
    with pytest.raises(UserError, match="no cell is left"):
        matrix(load(suite_file))

"""A wrong suite is refused with the line that is wrong and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import SuiteError, UserError
from benchmark.suite.load import load


def test_a_valid_suite_loads_with_every_axis(suite_file: Path) -> None:
    suite = load(suite_file)
    assert suite.name == "tiny"
    assert suite.data.languages == ("aa", "bb", "cc")
    assert [choice.label for choice in suite.compressions] == ["none", "int8"]
    assert suite.outer[0].label == "adamw"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("methods:", "methodz:", r"tiny.yaml:\d+: unknown key 'methodz'; did you mean 'methods'"),
        ("shots:", "shot:", r"'data.shots' is missing; did you misspell it as 'shot'"),
        ("meta_train:", "metatrain:", "unknown key 'budget.metatrain'; did you mean 'meta_train'"),
        ("scratch", "scrach", "unknown method 'scrach'; did you mean 'scratch'"),
        ("adamw", "adamww", "unknown optimizer 'adamww'; did you mean 'adamw'"),
        ("int8", "int9", "unknown compression 'int9'; known: .*int<bits>"),
        ("conv_ctc", "conv_ct", "unknown model 'conv_ct'; did you mean 'conv_ctc'"),
        ("support: 4", "suport: 4", "fomaml has no parameter 'suport'; did you mean 'support'"),
        ("support: 4", "support: many", "fomaml: support = 'many': input should be a valid int"),
        ("blocks: 1", "blocks: 0", "conv_ctc: blocks = 0: .*greater than or equal to 1"),
        ("seeds: [0]", "seeds: []", "'seeds' is empty"),
        ("methods: [scratch", "methods: [joint, scratch", "'joint' is given twice in methods"),
        ("seeds: [0]", "seeds: [0, 0]", "0 is given twice in seeds"),
        ("test: [cc]", "test: [aa]", "language 'aa' is in 'test' and already in 'train'"),
        ("shots: [8]", "shots: [ten]", "shots|ten"),
        ("shots: [8]", "shots: [0]", "0"),
        ("adapt: 16", "adapt: 0", "budget.adapt = 0"),
        ("name: tiny", "name: a/b", "use letters, digits"),
        (
            "source: ",
            "source: synthetik # ",
            "unknown corpus 'synthetik'; did you mean",
        ),
        ("source: ", "source: ./nowhere # ", "no folder .*nowhere"),
        ("runs: 11", "runs: 10", "too few for a median"),
        ("name: tiny", "name: tiny\nname: twice", "'name' is given twice"),
        ("seeds: [0]", "seeds: [0", "not valid YAML"),
        ("seeds: [0]\n", "", "'seeds' is missing"),
        ("shots: [8]", "shots: [8]\n  disjoint: {dd: []}", "disjoint names 'dd'"),
        ("shots: [8]", "shots: [8]\n  disjoint: [accent]", "disjoint"),
        ("int8]", "{chain: [{name: int8, bits: 3, x: 1}]}]", "int8 has no parameter 'x'"),
    ],
)
def test_a_mistake_is_named_with_what_was_meant(
    suite_file: Path, old: str, new: str, message: str
) -> None:
    text = suite_file.read_text()
    assert old in text
    suite_file.write_text(text.replace(old, new, 1))
    with pytest.raises(SuiteError, match=message) as caught:
        load(suite_file)
    assert len(str(caught.value).splitlines()) <= 2


def test_the_error_names_the_line(suite_file: Path) -> None:
    lines = suite_file.read_text().splitlines()
    number = next(i for i, line in enumerate(lines, 1) if line.startswith("optimizers"))
    suite_file.write_text("\n".join(lines).replace("optimizers: [sgd", "optimizers: [sgdd"))
    with pytest.raises(SuiteError, match=rf"tiny\.yaml:{number}: "):
        load(suite_file)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"cannot read .*absent.yaml: No such file"):
        load(tmp_path / "absent.yaml")


def test_lists_as_parameters_expand(suite_file: Path) -> None:
    text = suite_file.read_text().replace("joint,", "{name: joint, batch_size: [4, 8]},")
    suite_file.write_text(text)
    labels = [choice.label for choice in load(suite_file).methods]
    assert labels[:3] == ["scratch", "joint(batch_size=4)", "joint(batch_size=8)"]


def test_a_chain_keeps_its_order_and_parameters(suite_file: Path) -> None:
    chain = "{chain: [{name: prune50}, {name: int8, granularity: tensor}]}"
    suite_file.write_text(suite_file.read_text().replace("int8]", f"prune50+int8, {chain}]"))
    plain, with_settings = load(suite_file).compressions[1:]
    assert plain.label == "prune50+int8"
    assert with_settings.label == "prune50+int8(granularity=tensor)"
    assert [link["name"] for link in plain.identity["chain"]] == ["prune50", "int8"]


def test_a_label_spells_settings_as_the_suite_does(suite_file: Path) -> None:
    given = ["int8(symmetric=false)", "distil(student={channels: 96, blocks: 2})"]
    entries = "{name: int8, symmetric: false}, {name: distil, student: {channels: 96, blocks: 2}}"
    suite_file.write_text(suite_file.read_text().replace("int8]", f"{entries}]"))
    assert [choice.label for choice in load(suite_file).compressions[1:]] == given


def test_norwegian_is_a_language_and_not_a_truth_value(suite_file: Path) -> None:
    text = suite_file.read_text().replace("train: [aa, bb]", "train: [aa, no]")
    suite_file.write_text(text)
    assert load(suite_file).data.train == ("aa", "no")


def test_set_changes_a_setting_and_refuses_a_wrong_one(suite_file: Path) -> None:
    assert load(suite_file, ["budget.adapt=5", "seeds=[1, 2]"]).budget.adapt == 5
    with pytest.raises(SuiteError, match="expected KEY=VALUE"):
        load(suite_file, ["budget"])
    with pytest.raises(SuiteError, match=r"unknown key 'budget.x'"):
        load(suite_file, ["budget.x=1"])


def test_a_plug_in_is_named_by_its_import_path(
    suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_methods.py").write_text(
        "from dataclasses import dataclass\n"
        "from benchmark.methods.joint import Joint\n"
        "@dataclass(frozen=True)\nclass Mine(Joint):\n    '''Mine.'''\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    suite_file.write_text(suite_file.read_text().replace("joint,", "'my_methods:Mine',"))
    choice = load(suite_file).methods[1]
    assert choice.label == "my_methods:Mine"
    assert "source" in choice.identity
    suite_file.write_text(suite_file.read_text().replace(":Mine", ":Absent"))
    with pytest.raises(UserError, match="cannot import"):
        load(suite_file)


@pytest.mark.parametrize(
    ("written", "expected"), [("2", (2.0,)), ("[2, 0.5]", (2.0, 0.5)), (None, (0.2,))]
)
def test_one_length_to_time_or_several(
    suite_file: Path, written: str | None, expected: tuple[float, ...]
) -> None:
    assignments = [f"timing.seconds={written}"] if written else []
    assert load(suite_file, assignments).timing.seconds == expected


@pytest.mark.parametrize("written", ["[]", "0", "[3, -1]", "long"])
def test_a_length_that_is_none_is_named(suite_file: Path, written: str) -> None:
    with pytest.raises(SuiteError, match=r"timing\.seconds"):
        load(suite_file, [f"timing.seconds={written}"])

"""A chain kept to some layers leaves all others as they were."""

from pathlib import Path

import pytest
import torch

from benchmark.compression.chain.chain import Chain
from benchmark.compression.chain.run import compress_subject
from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.errors import SuiteError, Unsupported
from benchmark.registry import COMPRESSIONS
from benchmark.suite.load import load


@pytest.fixture
def subject() -> Subject:
    architecture = Architecture("conv_ctc", {"channels": 16, "blocks": 2}, 64, 8)
    torch.manual_seed(0)
    return Subject(architecture, weights_of(architecture.build().state_dict()))


def test_layers_that_do_not_match_keep_values_and_encoding(subject: Subject) -> None:
    int3 = COMPRESSIONS.make("int3")
    after, (change,) = compress_subject(subject, [int3], ["int3"], only="blocks.1.*")
    whole = compress_subject(subject, [int3], ["int3"]).subject
    for name, weight in after.weights.items():
        expected = whole if name.startswith("blocks.1.") else subject
        assert torch.equal(weight.values, expected.weights[name].values)
        assert type(weight.encoding) is type(expected.weights[name].encoding)
    assert 0 < change.values < sum(w.values.numel() for w in subject.weights.values()) / 2


def test_a_pattern_that_matches_nothing_is_unsupported(subject: Subject) -> None:
    with pytest.raises(Unsupported, match="changed nothing"):
        compress_subject(subject, [COMPRESSIONS.make("int3")], ["int3"], only="block.*")


def test_other_layers_cannot_come_and_go_in_one_place() -> None:
    chain = Chain((COMPRESSIONS.make("layer_drop1"),), ("layer_drop1",), only="blocks.*")
    assert "cannot be restricted to blocks.*" in str(chain.wrong_order())


def test_a_list_of_places_is_as_many_settings(suite_file: Path) -> None:
    setting = "compressions=[none, {chain: [int3], only: ['blocks.0.*', 'output.*']}]"
    labels = [choice.label for choice in load(suite_file, [setting]).compressions]
    assert labels == ["none", "int3[blocks.0.*]", "int3[output.*]"]
    with pytest.raises(SuiteError, match="after adaptation"):
        load(suite_file, ["compressions=[{chain: [int3], only: 'output.*', when: during}]"])

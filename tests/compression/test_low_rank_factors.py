"""Low-rank factors against the best that any of their rank can do."""

import numpy as np
import pytest
from spoken import subject, technique

from benchmark.axis import SettingError
from benchmark.compression.structure.factorise import Factorise
from benchmark.errors import Unsupported


@pytest.mark.parametrize("model", ["conv_ctc", "conformer_ctc"])
def test_each_layer_has_the_smallest_error_of_its_rank_in_as_many_weights_as_it_may(model):
    start = subject(model)
    made = technique("svd50").compress(start)
    edits = made.architecture.edits
    assert len(edits) >= 6
    for edit in edits:
        weight = start.weights[f"{edit.module}.weight"].values.double().numpy()
        first = made.weights[f"{edit.module}.0.weight"].values.double().numpy()
        second = made.weights[f"{edit.module}.1.weight"].values.double().numpy()
        assert first.shape[0] == second.shape[1] == edit.rank
        singular = np.linalg.svd(weight, compute_uv=False)
        # Eckart and Young: what is lost is what the smaller singular values hold.
        best = np.sqrt((singular[edit.rank :] ** 2).sum())
        assert np.linalg.norm(second @ first - weight) == pytest.approx(best, rel=1e-5)
        assert np.linalg.norm(first) == pytest.approx(np.linalg.norm(second), rel=1e-5)
        assert first.size + second.size <= weight.size / 2
        one_more = weight.size / (first.size + second.size) * edit.rank / (edit.rank + 1)
        assert one_more < 2


def test_attention_is_factorised_and_depthwise_first_and_output_layers_are_not():
    edits = technique("svd50").compress(subject("conformer_ctc")).architecture.edits
    names = {edit.module for edit in edits}
    assert {f"blocks.1.attention.{n}" for n in ("query", "key", "value", "output")} <= names
    assert not names & {"output", "first", "second", "blocks.0.convolution.depthwise"}


def test_a_layer_that_would_not_be_smaller_stays_as_it_is():
    start = subject("conv_ctc")
    made = technique("svd", rank=13).compress(start)
    # A rank of 13 between 24 and 48 channels saves weights, between 24 and 24 it does not.
    assert {edit.module.rpartition(".")[2] for edit in made.architecture.edits} == {
        "expand",
        "contract",
    }
    for edit in made.architecture.edits:
        assert isinstance(edit, Factorise)
    with pytest.raises(Unsupported, match="no layer would have fewer weights"):
        technique("svd", rank=16).compress(start)


def test_adapters_begin_with_zeros_and_are_not_factorised():
    edits = technique("svd50").compress(subject("conv_ctc", adapter=8)).architecture.edits
    assert not [edit for edit in edits if "adapter" in edit.module]


@pytest.mark.parametrize("settings", [{}, {"keep": 50, "rank": 3}])
def test_a_share_and_a_rank_exclude_each_other(settings):
    with pytest.raises(SettingError, match="not both"):
        technique("svd", **settings)

"""Learning again after compression keeps what was settled and wins back what was lost."""

from dataclasses import replace

import pytest
import torch
from spoken import Spoken, loss, subject, support, technique

from benchmark.errors import Unsupported


@pytest.fixture(scope="module")
def taught():
    return subject("conv_ctc", taught=640)


def refitted(start, **settings):
    heard = replace(start, support=support(Spoken(24)))
    return technique("refit", **{"gradients": 160, **settings}).compress(heard)


@pytest.mark.parametrize("name", ["prune80", "svd25", "structured50", "layer_drop2", "int2"])
def test_it_wins_back_what_a_technique_has_lost(taught, name):
    lossy = technique(name).compress(taught)
    again, test = refitted(lossy), Spoken(24, seed=1)
    assert loss(lossy.network(), test) > loss(taught.network(), test)
    assert loss(again.network(), test) < 0.8 * loss(lossy.network(), test)


def test_the_order_of_a_chain_matters_and_what_comes_after_keeps_the_zeros(taught):
    pruned = technique("prune70").compress(taught)
    one_shot = technique("int8").compress(pruned)
    chained = technique("int8").compress(refitted(pruned))
    test = Spoken(24, seed=1)
    assert loss(chained.network(), test) < 0.8 * loss(one_shot.network(), test)
    for name, weight in pruned.weights.items():
        if weight.is_matrix:
            assert not chained.weights[name].values[weight.values == 0].any()


def test_codes_stay_and_the_rest_learns(taught):
    coded = technique("int4").compress(taught)
    again = refitted(coded)
    for name, weight in coded.weights.items():
        values = again.weights[name].values
        assert torch.equal(values, weight.values) == weight.is_matrix
        assert again.weights[name].encoding == weight.encoding
        assert torch.equal(values, weight.encoding.nearest(values))


def test_it_spends_what_it_may_and_books_it(taught):
    heard = replace(taught, support=support(Spoken(24)))
    technique("refit", gradients=50).compress(heard)
    technique("refit", gradients=7).compress(heard)
    assert heard.support.spent == 57


def test_without_speech_there_is_nothing_to_learn_from(taught):
    with pytest.raises(Unsupported, match="refit needs speech"):
        technique("refit").compress(taught)

"""Which blocks are left out, and that the others stay what they were."""

import pytest
import torch
from spoken import Spoken, scores, subject, support, technique

from benchmark.errors import Unsupported


def kept(made, start):
    """Which of the blocks of `start` those of `made` are."""
    old = [block.state_dict() for block in start.network().blocks]
    return [
        next(i for i, o in enumerate(old) if torch.equal(o["expand.weight"], block.expand.weight))
        for block in made.network().blocks
    ]


@pytest.mark.parametrize(
    ("count", "which", "expected"),
    [
        (1, "last", [0, 1, 2, 3]),
        (3, "last", [0, 1]),
        (1, "second", [0, 2, 3, 4]),
        (2, "second", [0, 2, 4]),
    ],
)
def test_blocks_are_left_out_as_asked(count, which, expected):
    start = subject("conv_ctc", blocks=5)
    made = technique(f"layer_drop{count}", which=which).compress(start)
    assert kept(made, start) == expected


def test_the_block_that_changes_least_is_the_most_similar():
    start = subject("conv_ctc", blocks=4, support=support(Spoken(6)))
    idle = start.network()
    with torch.no_grad():
        idle.blocks[1].contract.weight.zero_()
        idle.blocks[1].contract.bias.zero_()
    start = start.rebuilt(start.architecture, idle)
    made = technique("layer_drop1", which="similar").compress(start)
    assert kept(made, start) == [0, 2, 3]
    # A block that did nothing is not missed.
    assert torch.equal(scores(made.network(), Spoken(4)), scores(idle, Spoken(4)))


def test_similarity_alone_needs_speech():
    assert technique("layer_drop1", which="similar").needs_speech
    assert not technique("layer_drop1").needs_speech


@pytest.mark.parametrize(
    ("model", "name", "which", "reason"),
    [
        ("conv_ctc", "layer_drop3", "last", "3 of 3 blocks cannot"),
        ("conv_ctc", "layer_drop2", "second", "of 3 blocks, every second one makes 1"),
        ("keyword_cnn", "layer_drop1", "last", "keyword_cnn has no blocks"),
        ("conv_ctc", "layer_drop1", "similar", "needs speech"),
    ],
)
def test_what_cannot_be_left_out_says_why(model, name, which, reason):
    with pytest.raises(Unsupported, match=reason):
        technique(name, which=which).compress(subject(model))

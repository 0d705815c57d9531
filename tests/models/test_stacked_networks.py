"""Networks compute for a stack of learners what they compute for each."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import functional_call
from torch.utils._python_dispatch import TorchDispatchMode

from benchmark.data.batch import Batch
from benchmark.models.base import Model
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.keyword_cnn import KeywordCNN
from benchmark.models.networks.base import SpeechNetwork
from benchmark.stacking import joined, outside, split, stack

LEARNERS = 3
MODELS: dict[str, Model] = {
    "conv": ConvCTC(channels=8, blocks=1, kernel=3, adapter=2),
    "conformer": ConformerCTC(dim=8, blocks=1, heads=2, ff=12, kernel=3),
    "conformer with group norm": ConformerCTC(
        dim=8, blocks=1, heads=2, ff=12, kernel=3, norm="group"
    ),
    "keyword": KeywordCNN(),
}
Weights = dict[str, Tensor]


@pytest.fixture(params=MODELS)
def network(request: pytest.FixtureRequest) -> SpeechNetwork:
    torch.manual_seed(0)
    return MODELS[request.param].build(64, 5).double()


def draw_batches() -> Batch:
    """A batch (2 utterances) of each learner; one text does not fit."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(LEARNERS, 2, 24, 64, generator=generator, dtype=torch.float64)
    targets = torch.randint(0, 5, (LEARNERS, 2, 3), generator=generator)
    lengths = torch.tensor([[24, 17], [20, 24], [24, 5]])
    return Batch(features, lengths, targets, torch.tensor([[3, 2], [1, 3], [0, 3]]))


def draw_weights(network: SpeechNetwork) -> Weights:
    """Weights of all learners, (S, ...), near those of the network."""
    generator = torch.Generator().manual_seed(1)
    return {
        name: weight.detach()
        + 0.1 * torch.randn(LEARNERS, *weight.shape, generator=generator, dtype=torch.float64)
        for name, weight in network.named_parameters()
    }


def batch_of(batches: Batch, learner: int) -> Batch:
    return Batch(*(tensor[learner] for tensor in vars(batches).values()))


def slopes(loss: Tensor, weights: Weights) -> Weights:
    """The gradient of each learner's loss, which can be differentiated again."""
    total, leaves = joined(loss), [joined(w) for w in weights.values()]
    with outside():
        found = torch.autograd.grad(total.sum(), leaves, create_graph=True)
    return {name: split(slope) for name, slope in zip(weights, found, strict=True)}


def derivatives(network: SpeechNetwork, weights: Weights, batch: Batch) -> list[Tensor]:
    """Loss, gradient, and the gradient through a step of gradient descent."""
    loss: Tensor = functional_call(network, weights, (batch,))
    gradient = slopes(loss, weights)
    stepped = {name: weights[name] - 0.1 * gradient[name] for name in weights}
    exact = slopes(functional_call(network, stepped, (batch,)), weights)
    return [loss, *gradient.values(), *exact.values()]


@pytest.mark.filterwarnings("error:There is a performance drop")
def test_a_stack_has_the_loss_and_both_derivatives_of_each_learner(network: SpeechNetwork) -> None:
    batches, weights = draw_batches(), draw_weights(network)
    whole = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    with stack(LEARNERS):
        inside = {name: split(weight) for name, weight in whole.items()}
        batch = Batch(*(split(tensor) for tensor in vars(batches).values()))
        together = [joined(result) for result in derivatives(network, inside, batch)]
    for learner in range(LEARNERS):
        own = {name: weight[learner].clone().requires_grad_() for name, weight in weights.items()}
        alone = derivatives(network, own, batch_of(batches, learner))
        torch.testing.assert_close([result[learner] for result in together], alone)


def test_a_stack_assigns_the_frames_of_each_learner(network: SpeechNetwork) -> None:
    batches = draw_batches()
    with stack(LEARNERS):
        batch = Batch(*(split(tensor) for tensor in vars(batches).values()))
        together = joined(network.assign(network.encode(batch), batch))
    for learner in range(LEARNERS):
        own = batch_of(batches, learner)
        torch.testing.assert_close(together[learner], network.assign(network.encode(own), own))


class NoReadBack(TorchDispatchMode):
    """Refuses to read a number of a tensor, for which a GPU would have to stop."""

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):  # type: ignore[no-untyped-def]
        assert function is not torch.ops.aten._local_scalar_dense.default
        return function(*arguments, **(keywords or {}))


def test_no_number_is_read_back(network: SpeechNetwork) -> None:
    weights = {name: weight.requires_grad_() for name, weight in network.named_parameters()}
    batch = batch_of(draw_batches(), 0)
    with NoReadBack():
        derivatives(network, weights, batch)
        network.assign(network.encode(batch), batch)

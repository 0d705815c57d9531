"""Exact meta-gradients through a speech network and CTC."""

import copy

import pytest
import torch
from toys import meta_training

from benchmark.data.batch import Batch
from benchmark.data.task import Episode
from benchmark.methods.learning.inner import query_gradient
from benchmark.methods.maml import Maml
from benchmark.models.base import Model
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC

CLIP = 1.0
LR = 0.1
STEPS = 2
STEP = 1e-7
MODELS = [
    ConvCTC(channels=6, blocks=2, kernel=3),
    ConformerCTC(dim=8, blocks=1, heads=2, ff=12, kernel=3),
]


def batch(seed: int) -> Batch:
    """Two utterances of different lengths; one has a repeated unit."""
    features = torch.randn(
        2, 24, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )
    lengths, targets = torch.tensor([24, 19]), torch.tensor([[0, 0, 2], [1, 2, 0]])
    features[1, 19:] = 0
    return Batch(features, lengths, targets, torch.tensor([3, 2]))


def query_loss(network, episode) -> float:
    """The query loss after adaptation by torch alone."""
    network = copy.deepcopy(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=LR)
    for _ in range(STEPS):
        optimizer.zero_grad()
        network.loss(episode.support).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
    with torch.no_grad():
        return network.loss(episode.query).item()


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_exact_maml_through_ctc_equals_finite_differences(model: Model):
    torch.manual_seed(0)
    network = model.build(num_features=8, num_units=3).double().eval()
    episode = Episode(batch(1), batch(2))
    training = meta_training(network, [], total=1000)
    gradients, first = (
        query_gradient(training, episode, STEPS, Maml(inner_lr=LR).update(), CLIP, second_order)
        for second_order in (True, False)
    )
    norm = torch.cat([g.flatten() for g in gradients.values()]).norm()
    missing = torch.cat([(gradients[name] - first[name]).flatten() for name in first]).norm()
    assert missing > 0.01 * norm
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        parameters = training.parameters()
        directions = {
            name: torch.randn(p.shape, generator=generator, dtype=p.dtype)
            for name, p in parameters.items()
        }
        slope = sum((gradients[name] * d).sum() for name, d in directions.items()).item()
        moved = []
        for step in (STEP, -STEP):
            other = copy.deepcopy(network)
            with torch.no_grad():
                for name, p in other.named_parameters():
                    p += step * directions[name]
            moved.append(query_loss(other, episode))
        assert (moved[0] - moved[1]) / (2 * STEP) == pytest.approx(slope, abs=1e-5 * norm.item())


def meta_gradient(device: str, autocast: torch.dtype | None) -> torch.Tensor:
    torch.manual_seed(0)
    network = MODELS[0].build(num_features=8, num_units=3).to(device).eval()
    training = meta_training(network, [], total=1000)
    training.autocast = autocast
    support, query = (
        Batch(b.features.float(), b.lengths, b.targets, b.target_lengths)
        for b in (batch(1), batch(2))
    )
    episode = Episode(*(Batch(*(t.to(device) for t in vars(b).values())) for b in (support, query)))
    update = Maml(inner_lr=LR).update()
    gradients = query_gradient(training, episode, STEPS, update, CLIP, second_order=True)
    return torch.cat([g.flatten() for g in gradients.values()]).cpu()


def test_mixed_precision_points_the_same_way():
    full, mixed = meta_gradient("cpu", None), meta_gradient("cpu", torch.bfloat16)
    assert not torch.equal(full, mixed)
    assert torch.cosine_similarity(full, mixed, dim=0) > 0.99


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("autocast", [None, torch.bfloat16])
def test_a_gpu_gives_the_same_meta_gradient(autocast):
    ours, theirs = meta_gradient("cuda", autocast), meta_gradient("cpu", None)
    assert torch.cosine_similarity(ours, theirs, dim=0) > 0.99

"""Masks are those of torch's pruning, and counts are exact."""

from dataclasses import replace

import pytest
import torch
from listening import MODELS, subject
from torch import nn
from torch.nn.utils import prune

from benchmark.axis import SettingError
from benchmark.compression.calibration.gradients import BATCH
from benchmark.compression.chain.run import compress_subject
from benchmark.compression.storage.weight import compress
from benchmark.errors import Unsupported
from benchmark.registry import COMPRESSIONS


def pruned_by_torch(state, percent, scope):
    """Masks by torch.nn.utils.prune, of modules that hold the same weights."""
    modules = {}
    for name, values in state.items():
        if values.dim() >= 2:
            modules[name] = nn.Module()
            modules[name].weight = nn.Parameter(values.clone())
    parameters = [(module, "weight") for module in modules.values()]
    if scope == "global":
        prune.global_unstructured(
            parameters, pruning_method=prune.L1Unstructured, amount=percent / 100
        )
    else:
        for module, name in parameters:
            prune.l1_unstructured(module, name, amount=percent / 100)
    return {name: module.weight_mask.bool() for name, module in modules.items()}


@pytest.mark.parametrize("scope", ["global", "layer"])
@pytest.mark.parametrize("percent", [10, 50, 93])
def test_masks_are_those_of_torch(state, percent, scope):
    weights = compress(state, [COMPRESSIONS.make(f"prune{percent}", {"scope": scope})])
    for name, kept in pruned_by_torch(state, percent, scope).items():
        assert torch.equal(weights[name].values != 0, kept)
        assert torch.equal(weights[name].values[kept], state[name][kept])


def test_each_layer_loses_its_share(state):
    weights = compress(state, [COMPRESSIONS.make("prune70", {"scope": "layer"})])
    for weight in weights.values():
        if weight.is_matrix:
            zeros = weight.values.numel() - int(weight.values.count_nonzero())
            assert zeros == round(0.7 * weight.values.numel())


def loss_without(network, batch, name, index):
    with torch.no_grad():
        flat = network.get_parameter(name).view(-1)
        value = flat[index].item()
        flat[index] = value * (1 - 1e-3)
        loss = network.loss(batch).item()
        flat[index] = value
    return loss


@pytest.mark.parametrize("model", MODELS)
def test_pruning_by_gradient_takes_what_the_loss_hardly_notices(model):
    """The score is the change of the loss, to first order, found here by trying."""
    before = subject(model, utterances=BATCH + 3)
    technique = COMPRESSIONS.make("prune50", {"score": "gradient"})
    after, (change,) = compress_subject(before, [technique], ["prune50"])
    matrices = [name for name, w in before.weights.items() if w.is_matrix]
    total = sum(before.weights[name].values.numel() for name in matrices)
    assert change.values == round(total / 2)
    network, batch = before.network().double(), before.support.task.batch(BATCH + 3)
    batch = replace(batch, features=batch.features.double())
    loss = network.loss(batch).item()
    effects, kept = [], []
    generator = torch.Generator().manual_seed(0)
    for name in matrices:
        flat = after.weights[name].values.flatten()
        for index in torch.randint(0, len(flat), (12,), generator=generator).tolist():
            effects.append(abs(loss_without(network, batch, name, index) - loss) * 1e3)
            kept.append(bool(flat[index] != 0))
    effects, kept = torch.tensor(effects), torch.tensor(kept)
    # Second-order terms blur the border, no more.
    assert effects[~kept].max() < effects[kept].min() * 1.1


def test_pruning_by_gradient_asks_for_speech():
    technique = COMPRESSIONS.make("prune50", {"score": "gradient"})
    assert technique.needs_speech
    assert not COMPRESSIONS.make("prune50").needs_speech
    with pytest.raises(Unsupported, match="pruning by gradient needs speech"):
        technique.compress(replace(subject("conv_ctc"), support=None))
    with pytest.raises(Unsupported, match="not weights alone"):
        compress({"w": torch.randn(4, 4)}, [technique])


@pytest.mark.parametrize("settings", [{"scope": "layer"}, {"score": "gradient"}])
def test_a_threshold_goes_with_nothing_else(settings):
    with pytest.raises(SettingError, match="a threshold applies to magnitudes"):
        COMPRESSIONS.make("prune", {"threshold": 0.1, **settings})


@pytest.mark.parametrize(("n", "m"), [(2, 4), (1, 4), (1, 2), (3, 8)])
@pytest.mark.parametrize("shape", [(6, 16), (6, 16, 5), (6, 8, 3, 3)])
def test_of_every_m_inputs_the_n_largest_are_left(shape, n, m):
    values = torch.randn(shape)
    weight = compress({"w": values}, [COMPRESSIONS.make("nm", {"n": n, "m": m})])["w"]
    # One kernel position of one output at a time, in plain Python.
    rows = values.movedim(1, -1).reshape(-1, shape[1]).tolist()
    found = weight.values.movedim(1, -1).reshape(-1, shape[1]).tolist()
    for row, stored in zip(rows, found, strict=True):
        for start in range(0, shape[1], m):
            group = row[start : start + m]
            largest = sorted(group, key=abs)[-n:]
            assert stored[start : start + m] == [v if v in largest else 0.0 for v in group]


def test_layers_whose_inputs_do_not_divide_stay_as_they_are():
    state = {"depthwise": torch.randn(8, 1, 9), "odd": torch.randn(8, 6), "w": torch.randn(8, 8)}
    weights = compress(state, [COMPRESSIONS.make("nm")])
    changed = {name: not torch.equal(w.values, state[name]) for name, w in weights.items()}
    assert changed == {"depthwise": False, "odd": False, "w": True}


def test_a_pattern_that_prunes_nothing_is_refused():
    with pytest.raises(SettingError, match="n must be below m, not 4 of 4"):
        COMPRESSIONS.make("nm", {"n": 4})


def test_clipping_at_a_percentile_moves_that_share(state):
    weights = compress(state, [COMPRESSIONS.make("clip", {"percentile": 90})])
    for name, weight in weights.items():
        if weight.is_matrix:
            moved = int((weight.values != state[name]).sum())
            assert moved == pytest.approx(0.1 * weight.values.numel(), abs=1)
        else:
            assert torch.equal(weight.values, state[name])

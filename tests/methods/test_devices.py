"""All that learns learns the same on a GPU, in stacks and with captured steps, as alone on a CPU.

On a CPU the same is tried with steps that are replayed by calling them; `test_stacks.py` has all
methods there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import Tensor
from toys import CodeTask, adaptation, code_network, meta_training

from benchmark.data.batch import Batch
from benchmark.execute.networks import autocast, reproducible
from benchmark.methods.base import Head
from benchmark.methods.learning import captured
from benchmark.methods.learning.lockstep import Lockstep
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.networks.base import SpeechNetwork
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.sgd import Sgd
from benchmark.registry import METHODS, OPTIMIZERS
from benchmark.suite.schema import Precision

STEPS = 8
TOLERANCE = 1e-5
"""Of float64, as a share of how far the weights have moved."""

ROUNDED = {"muon": 0.05}
"""Optimizers that compute in bfloat16 by design."""

STABLE = [name for name in OPTIMIZERS.names() if name != "soap" and "<" not in name]
"""Optimizers with names of their own. SOAP is left out: it steps along eigenvectors of matrices
that do not have full rank at first, and the last bit decides which those are."""

CLOSENESS: dict[Precision, float] = {"fp32": 0.9999, "tf32": 0.995, "bf16": 0.95}
"""The least cosine between the movements in float32 on the device, and in float64 on a CPU."""

missing = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


GPU = (pytest.mark.gpu, missing)
DEVICES = ["cpu", pytest.param("cuda", marks=GPU)]
"""Values of `device`."""


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(captured, "CAPTURED_ON", {request.param})
    return str(request.param)


class Language(CodeTask):
    """A language on a device."""

    def __init__(self, seed: int, like: Tensor) -> None:
        super().__init__(seed, 30)
        self.like = like

    def chosen(self, rows: list[int]) -> Batch:
        batch = super().chosen(rows)
        place = self.like.device
        return Batch(
            batch.features.to(self.like),
            batch.lengths.to(place),
            batch.targets.to(place),
            batch.target_lengths.to(place),
        )


def learn(
    method_name: str,
    rule: Optimizer,
    seed: int,
    device: str,
    head: Head = "union",
    dtype: torch.dtype = torch.float64,
    precision: Precision = "fp32",
    network: SpeechNetwork | None = None,
) -> Tensor:
    """How far all weights have moved in meta-training and adaptation."""
    method = METHODS.make(method_name)
    if network is None:
        network = code_network(4 if method_name == "adapter" else 0, seed=seed)
    network = network.to(device, dtype)
    like = next(network.parameters()).detach()
    start = {name: p.detach().clone() for name, p in network.named_parameters()}
    cost = method.task_cost(1.0) * method.tasks if hasattr(method, "task_cost") else 16
    tasks = [Language(10 * seed + i, like) for i in range(2)]
    training = meta_training(network, tasks, 6 * cost, rule, seed=seed)
    training.head, training.autocast = head, autocast(precision)
    if method.meta_trains:
        method.meta_train(training)
    if head == "fresh":
        torch.manual_seed(seed)
        network.fresh_head(CodeTask.UNITS, "random")
    run = adaptation(network, Language(10 * seed + 9, like), 4 * STEPS, rule)
    run.autocast = autocast(precision)
    run.learnt = {name: torch.nn.Parameter(p.clone()) for name, p in training.learnt.items()}
    replace(method, batch_size=4).adapt(run)
    moved = [(network.get_parameter(name) - old).detach() for name, old in start.items()]
    return torch.cat([change.flatten() for change in moved]).double().cpu()


def compare(
    name: str, rule: Optimizer, device: str, head: Head = "union", tolerance: float = TOLERANCE
) -> None:
    """Two learners, as a stack on the device and each alone on a CPU."""
    with reproducible(0):
        runs = [partial(learn, name, rule, seed, device, head) for seed in range(2)]
        together = Lockstep().run(runs)
        captured.CAPTURED_ON.clear()
        for seed, end in enumerate(together):
            assert isinstance(end, Tensor), end
            alone = learn(name, rule, seed, "cpu", head)
            assert (end - alone).norm() <= tolerance * alone.norm()


@pytest.mark.parametrize(
    ("name", "device"),
    [("maml", "cpu"), *(pytest.param(name, "cuda", marks=GPU) for name in METHODS.names())],
    indirect=["device"],
)
def test_every_method_learns_the_same(name: str, device: str) -> None:
    compare(name, replace(Sgd(), lr=0.05), device)


@pytest.mark.parametrize("name", STABLE)
def test_every_optimizer_learns_the_same(name: str, device: str) -> None:
    compare("scratch", OPTIMIZERS.make(name), device, tolerance=ROUNDED.get(name, TOLERANCE))


@pytest.mark.parametrize("name", ["joint", "maml"])
def test_a_fresh_head_learns_the_same(name: str, device: str) -> None:
    compare(name, replace(Sgd(), lr=0.05), device, "fresh")


def conformer() -> SpeechNetwork:
    torch.manual_seed(0)
    model = ConformerCTC(dim=16, blocks=1, heads=2, ff=16, kernel=3)
    return model.build(8, CodeTask.UNITS)


@pytest.mark.parametrize("precision", CLOSENESS)
@pytest.mark.parametrize("name", ["joint", "maml"])
def test_every_precision_learns_about_the_same(
    name: str, precision: Precision, device: str
) -> None:
    rule = replace(Sgd(), lr=0.05)
    with reproducible(0, precision):
        mixed = partial(learn, name, rule, dtype=torch.float32, precision=precision)
        together = Lockstep().run(
            [partial(mixed, seed=seed, device=device, network=conformer()) for seed in range(2)]
        )
        for seed, end in enumerate(together):
            assert isinstance(end, Tensor), end
            exact = learn(name, rule, seed, "cpu", network=conformer())
            assert torch.cosine_similarity(end, exact, dim=0) > CLOSENESS[precision]

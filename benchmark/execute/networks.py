"""What the stages that train have in common: networks from settings, weights in files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import torch
import torch._dynamo  # torch.optim loads it at first use, which would count as training time
from safetensors.torch import load_file, save_file

from benchmark.data.augmentation import Augmentation
from benchmark.data.features import Features
from benchmark.data.frontend import front_end
from benchmark.data.loader import Loader
from benchmark.data.speech import SpeechSet
from benchmark.data.vocabulary import Vocabulary
from benchmark.execute.job import Context
from benchmark.models.networks.base import SpeechNetwork
from benchmark.plan.stages.base import Member
from benchmark.registry import MODELS
from benchmark.suite.schema import Precision

WEIGHTS = "weights.safetensors"
LEARNT = "learnt.safetensors"


@contextmanager
def reproducible(seed: int, precision: Precision = "fp32") -> Iterator[None]:
    """Torch with this seed and precision, on one thread, since sums in another order are other
    results.

    Denormal numbers count as zero meanwhile: they cost a hundred times as much. On a GPU only
    `tf32` rounds what it multiplies to TensorFloat-32; torch would do so in convolutions.
    """
    threads = torch.get_num_threads()
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    rounds = matmul.allow_tf32, cudnn.allow_tf32
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    cudnn.deterministic = True
    matmul.allow_tf32 = cudnn.allow_tf32 = precision == "tf32"
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = rounds
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)


class Networked(Protocol):
    """A stage that has a network."""

    @property
    def model(self) -> Member: ...

    @property
    def features(self) -> Features: ...

    @property
    def vocabulary(self) -> Vocabulary: ...


def build(stage: Networked, num_units: int) -> SpeechNetwork:
    """A network of the model of a stage, to be given weights."""
    return MODELS.rebuild(stage.model).build(stage.features.mels, num_units)


def initial(stage: Networked, num_units: int) -> SpeechNetwork:
    """The network that learning starts from where no other stage has learnt one."""
    return MODELS.rebuild(stage.model).initial(stage.features.mels, num_units)


def speech_set(
    context: Context[Networked],
    language: str,
    uids: Sequence[str] | None,
    index: int,
    augmentation: Augmentation,
    labelled: bool = True,
) -> SpeechSet:
    """The training split of a language, or the utterances named, as a task to learn from.

    `index` tells the tasks of one stage apart, so that each has a random order of its own.
    """
    stage, prepared = context.stage, context.corpus(language)
    return SpeechSet(
        prepared.split("train") if uids is None else [prepared.by_uid[uid] for uid in uids],
        Loader(
            prepared,
            front_end(MODELS.rebuild(stage.model).input_type, stage.features),
            torch.device(context.job.device),
        ),
        stage.vocabulary,
        torch.Generator().manual_seed(context.seed + index),
        augmentation,
        labelled,
    )


def autocast(precision: Precision) -> torch.dtype | None:
    """The type of mixed precision that a stage trains with."""
    return torch.bfloat16 if precision == "bf16" else None


def save_weights(network: SpeechNetwork, folder: Path) -> None:
    """Write the weights of a network into the folder of a stage."""
    state = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    save_file(state, folder / WEIGHTS)


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights in the folder of a stage."""
    weights: dict[str, torch.Tensor] = load_file(folder / WEIGHTS)
    return weights


def save_learnt(learnt: dict[str, torch.nn.Parameter], folder: Path) -> None:
    """Write what a method learnt besides the weights of the network, if anything."""
    if learnt:
        save_file({name: value.detach().cpu() for name, value in learnt.items()}, folder / LEARNT)


def read_learnt(folder: Path, device: str) -> dict[str, torch.nn.Parameter]:
    """What a method learnt besides the weights of the network."""
    path = folder / LEARNT
    stored = load_file(path, device) if path.exists() else {}
    return {name: torch.nn.Parameter(value) for name, value in stored.items()}


def load_weights(network: SpeechNetwork, folder: Path) -> None:
    """Give a network the weights in the folder of a stage."""
    network.load_state_dict(read_weights(folder))

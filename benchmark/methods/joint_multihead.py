"""Joint training with an output layer for each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.methods.base import Head
from benchmark.methods.joint import Joint

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.methods.learning.sampler import Part
    from benchmark.methods.learning.training import MetaTraining

OWN = "its output layers belong to its training languages; a new language needs a fresh head"


@dataclass(frozen=True)
class JointMultihead(Joint):
    """Joint training of one body with an output layer per language, then a fresh output layer.

    The layers are replaced by their mean, of which a fresh layer keeps the blank.
    """

    paper: ClassVar[str] = (
        "Hsu et al. 2020, Meta Learning for End-to-End Low-Resource Speech Recognition (MultiASR)"
    )
    unsupported_heads: ClassVar[Mapping[Head, str]] = {"union": OWN, "bytes": OWN}

    def meta_train(self, training: MetaTraining) -> None:
        import torch

        from benchmark.methods.learning.mixing import train_jointly

        layers = training.network.output
        start = {f"output.{name}": p for name, p in layers.named_parameters()}
        heads = [
            {name: torch.nn.Parameter(p.detach().clone()) for name, p in start.items()}
            for _ in training.tasks
        ]
        training.learnt.update(
            (f"{i}/{name}", p) for i, head in enumerate(heads) for name, p in head.items()
        )

        def loss(part: Part) -> Tensor:
            index = next(i for i, task in enumerate(training.tasks) if task is part.task)
            return training.loss(part.batch, heads[index])

        train_jointly(training, self.sampler, self.train_batch, loss)
        training.learnt.clear()
        with torch.no_grad():
            for name, parameter in start.items():
                parameter.copy_(torch.stack([head[name] for head in heads]).mean(0))

"""Any optimizer of the pytorch-optimizer library: `po_came`, `po_adopt`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from benchmark.errors import Unsupported, did_you_mean
from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch

UNSUITED = {
    "needs to know which tensors are matrices; see muon": (
        "adago",
        "adamuon",
        "distributedmuon",
        "muon",
        "muonclip",
        "normuon",
        "spectralsphere",
    ),
    "needs gradients that can be differentiated; see sophia": ("adahessian", "sophiah"),
    "needs the network, not its parameters": ("adalomo", "adammini", "lomo"),
    "needs to evaluate the loss itself": ("alig", "bsam", "lbfgs"),
    "has no learning rate": ("a2grad", "magma"),
    "needs to know the number of steps": ("ranger21",),
    "needs the package einops": ("demo",),
}
"""Unsupported algorithms, by reason; the library does not declare what an optimizer needs."""


@dataclass(frozen=True)
class PytorchOptimizer(Optimizer):
    """Any other optimizer of the pytorch-optimizer library, by its name there (`po_came`).

    The learning rate, which must suit the algorithm, and the weight decay can be set. All other
    settings are the library's defaults. Optimizers that need more than gradients are unsupported.
    """

    paper: ClassVar[str] = "https://pytorch-optimizers.readthedocs.io"
    pattern: ClassVar[str] = r"po_(?P<algorithm>\w+)"
    search_space: ClassVar[SearchSpace] = {"lr": around(1e-3)}

    algorithm: str = "adopt"
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    @classmethod
    def from_name(cls, groups: dict[str, str]) -> dict[str, object]:
        """The algorithm that a name implies."""
        return dict(groups)

    def __post_init__(self) -> None:
        if self.algorithm not in supported():
            hint = did_you_mean(self.algorithm, supported())
            raise ValueError(f"pytorch-optimizer has no {self.algorithm!r}{hint}")

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        from pytorch_optimizer import load_optimizer

        for reason, names in UNSUITED.items():
            if self.algorithm in names:
                raise Unsupported(f"{self.algorithm} of pytorch-optimizer {reason}")
        kind: Any = load_optimizer(self.algorithm)
        settings = {"lr": self.lr}
        if self.weight_decay:
            settings["weight_decay"] = self.weight_decay
            # The library silently ignores settings that an optimizer does not have.
            if "weight_decay" not in inspect.signature(kind).parameters:
                raise Unsupported(f"{self.algorithm} of pytorch-optimizer has no weight_decay")
        optimizer: torch.optim.Optimizer = kind(parameters, **settings)
        return optimizer


@cache
def supported() -> list[str]:
    """The names that the library registers, read from its source because importing it imports
    torch."""
    spec = find_spec("pytorch_optimizer")
    assert spec is not None and spec.submodule_search_locations
    source = Path(spec.submodule_search_locations[0], "optimizer", "__init__.py").read_text()
    for statement in ast.parse(source).body:
        match statement:
            case ast.AnnAssign(target=ast.Name("OPTIMIZER_LIST"), value=ast.List(entries)):
                return sorted(ast.unparse(entry).lower() for entry in entries)
    raise ImportError("this version of pytorch-optimizer has its list of optimizers elsewhere")

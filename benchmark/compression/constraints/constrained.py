"""Adaptation under constraints on the weights.

Every method can adapt under constraints. While a loss is computed, the constraints transform each
weight last, after anything that the method has attached to it. At all other times the weights are
as the method left them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmark.compression.constraints.constraint import Constraint
from benchmark.data.batch import Batch
from benchmark.errors import Unsupported
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.attachment import detach
from benchmark.models.networks.base import Encoded


class WeightConstraints(NamedTuple):
    """Constraints on the weights, and the names of the weights that are frozen."""

    constraints: tuple[Constraint, ...] = ()
    fixed: frozenset[str] = frozenset()


UNCONSTRAINED = WeightConstraints()


@dataclass(kw_only=True)
class ConstrainedAdaptation(Adaptation):
    """Adaptation whose losses are computed with the constrained weights.

    `constraints` apply in their order. Weights named in `fixed` are frozen.
    """

    stackable: ClassVar[bool] = False

    constraints: Sequence[Constraint]
    fixed: frozenset[str] = frozenset()
    _views: list[_View] = field(default_factory=list)
    _prepared: int = -1

    def __post_init__(self) -> None:
        if self.optimizer.line_search and any(c.gradual for c in self.constraints):
            raise Unsupported(
                f"{type(self.optimizer).__name__} minimises one fixed loss, but pruning during"
                " adaptation changes the loss at each step"
            )

    def parameters(self) -> dict[str, nn.Parameter]:
        named = {_name(name): p for name, p in super().parameters().items()}
        return {name: p for name, p in named.items() if name not in self.fixed}

    def loss(
        self,
        batch: Batch,
        parameters: Mapping[str, Tensor] | None = None,
        encoded: Encoded | None = None,
    ) -> Tensor:
        with self._constrained(len(batch)):
            return super().loss(batch, parameters, encoded)

    def encode(self, batch: Batch) -> Encoded:
        with self._constrained(len(batch)):
            return super().encode(batch)

    @torch.no_grad()
    def finish(self) -> None:
        """Replace each weight, in place, by its final value under the constraints."""
        detach(self.network)
        weights = dict(self.network.named_parameters())
        for constraint in self.constraints:
            constraint.begin_step(weights, 1.0)
            for name, parameter in weights.items():
                if name not in self.fixed:
                    parameter.copy_(constraint.final_values(name, parameter))

    @contextmanager
    def _constrained(self, utterances: int) -> Iterator[None]:
        """Within this context the network computes with the constrained weights."""
        if not self._views:
            self._add_views()
        if self._prepared < self.step:
            self._prepared = self.step
            with torch.no_grad():
                weights = {view.name: view.weight() for view in self._views}
            # A step counts as done from its beginning, so that the last step uses the final
            # weights.
            done = min(1.0, (self.budget.spent + utterances) / max(1, self.budget.total))
            for constraint in self.constraints:
                constraint.begin_step(weights, done)
        for view in self._views:
            view.open = True
        try:
            yield
        finally:
            for view in self._views:
                view.open = False

    def _add_views(self) -> None:
        """Put a view on every weight, after the method has attached its own modules."""
        for path, module in list(self.network.named_modules()):
            if ".parametrizations." in f".{path}.":
                continue
            attached: list[str] = []
            if parametrize.is_parametrized(module):
                assert isinstance(module.parametrizations, nn.ModuleDict)
                attached = list(module.parametrizations)
            own = [name for name, _ in module.named_parameters(recurse=False)]
            for tensor in [*own, *attached]:
                name = f"{path}.{tensor}" if path else tensor
                if name in self.fixed and tensor in attached:
                    raise Unsupported(
                        f"the method changes {name}, which is stored as codes and cannot be trained"
                    )
                view = _View(name, module, tensor, self.constraints)
                parametrize.register_parametrization(module, tensor, view)
                self._views.append(view)


class _View(nn.Module):
    """Applies the constraints to one weight while `open`; otherwise passes it through."""

    def __init__(
        self, name: str, module: nn.Module, tensor: str, constraints: Sequence[Constraint]
    ) -> None:
        super().__init__()
        self.name = name
        self.open = False
        self.weight: Callable[[], Tensor] = lambda: getattr(module, tensor).detach()
        self.constraints = constraints

    def forward(self, values: Tensor) -> Tensor:
        if self.open:
            for constraint in self.constraints:
                values = constraint.effective_values(self.name, values)
        return values


@contextmanager
def constrained(constraints: WeightConstraints, adaptation: Adaptation) -> Iterator[Adaptation]:
    """The same adaptation under `constraints`, which fix the weights when the context ends."""
    if constraints == UNCONSTRAINED:
        yield adaptation
        return
    same = {field.name: getattr(adaptation, field.name) for field in fields(Adaptation)}
    limited = ConstrainedAdaptation(**same, **constraints._asdict())
    yield limited
    limited.finish()


def _name(name: str) -> str:
    """The name of a parameter without its parametrizations."""
    return re.sub(r"(^|\.)parametrizations\.(\w+)\.original$", r"\1\2", name)

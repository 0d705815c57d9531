"""Extra parameters that change those of a network, until they are merged into them or dropped.

They are parametrizations of torch: while attached they are parameters of the network like any
other; afterwards the network is again what its model builds.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmark.methods.learning.selection import parameter_names
from benchmark.models.networks.base import SpeechNetwork


class Attachment(nn.Module):
    """What changes one parameter; `forward` takes it and returns the changed one."""


def attached_parameters(network: SpeechNetwork) -> set[str]:
    """The parameters of all attachments."""
    return parameter_names(network, [m for m in network.modules() if isinstance(m, Attachment)])


def read(network: SpeechNetwork) -> dict[str, nn.Parameter]:
    """The parameters of all attachments by name, copied."""
    kept = attached_parameters(network)
    return {n: nn.Parameter(p.detach().clone()) for n, p in network.named_parameters() if n in kept}


def write(network: SpeechNetwork, values: Mapping[str, Tensor]) -> None:
    """Give attachments the parameters that `read` has found."""
    with torch.no_grad():
        for name in attached_parameters(network):
            network.get_parameter(name).copy_(values[name])


@torch.no_grad()
def merged(network: SpeechNetwork) -> dict[str, Tensor]:
    """The state that the network would have after `detach`, copied; it stays as it is."""
    state = {
        name: value
        for name, value in network.state_dict().items()
        if "parametrizations" not in name.split(".")
    }
    for path, module in network.named_modules():
        if parametrize.is_parametrized(module):
            for name in module.parametrizations:
                state[f"{path}.{name}"] = getattr(module, str(name))
    return {name: value.detach().clone() for name, value in state.items()}


def detach(network: SpeechNetwork, merge: bool = True) -> None:
    """Remove all attachments, in place; what they did becomes part of the parameters, or not."""
    for module in list(network.modules()):
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(module, name, leave_parametrized=merge)

"""Extra parameters that modify those of a network until they are merged or dropped.

They are parametrizations of torch. While attached, they are parameters of the network like any
other. After they are detached, the network has its original structure.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmark.methods.learning.selection import parameter_names
from benchmark.models.networks.base import SpeechNetwork


class Attachment(nn.Module):
    """Modifies one parameter: `forward` maps it to its modified value."""


def attached_parameters(network: SpeechNetwork) -> set[str]:
    """The names of the parameters of all attachments."""
    return parameter_names(network, [m for m in network.modules() if isinstance(m, Attachment)])


def read(network: SpeechNetwork) -> dict[str, nn.Parameter]:
    """The parameters of all attachments by name, copied."""
    kept = attached_parameters(network)
    return {n: nn.Parameter(p.detach().clone()) for n, p in network.named_parameters() if n in kept}


def write(network: SpeechNetwork, values: Mapping[str, Tensor]) -> None:
    """Set the parameters of attachments to values returned by `read`."""
    with torch.no_grad():
        for name in attached_parameters(network):
            network.get_parameter(name).copy_(values[name])


@torch.no_grad()
def merged(network: SpeechNetwork) -> dict[str, Tensor]:
    """A copy of the state that the network would have after `detach`; the network is unchanged."""
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
    """Remove all attachments, in place; with `merge` the parameters keep their modified values."""
    for module in list(network.modules()):
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(module, name, leave_parametrized=merge)

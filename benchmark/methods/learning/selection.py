"""Sets of parameter names, such as the head, and training restricted to such a set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from torch import nn

from benchmark.models.networks.base import SpeechNetwork
from benchmark.stacking import joined


@contextmanager
def trainable_only(network: SpeechNetwork, names: Collection[str]) -> Iterator[None]:
    """Within this context only the parameters with these names are trainable."""
    before = {name: p.requires_grad for name, p in network.named_parameters()}
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in names)
    try:
        yield
    finally:
        for name, parameter in network.named_parameters():
            if name in before:
                parameter.requires_grad_(before[name])


def head_parameters(network: SpeechNetwork) -> set[str]:
    """Names of the parameters of the output layer."""
    return parameter_names(network, [network.output])


def body_parameters(network: SpeechNetwork) -> set[str]:
    """Names of all trainable parameters outside the output layer."""
    named = network.named_parameters()
    return {name for name, p in named if joined(p).requires_grad} - head_parameters(network)


def last_parts(network: SpeechNetwork, parts: int) -> set[str]:
    """Names of the parameters of the last `parts` parts of the body, and of all layers after
    them."""
    kept = network.parts()
    names = set(dict(network.named_parameters())) - frozen_parameters(network)
    return names - parameter_names(network, kept[: len(kept) - parts])


def norms_and_biases(network: SpeechNetwork) -> set[str]:
    """Names of the scales and shifts of all normalisation layers, and of all biases."""
    norms = [m for m in network.modules() if isinstance(m, nn.LayerNorm | nn.GroupNorm)]
    biases = {name for name, _ in network.named_parameters() if name.endswith("bias")}
    return (parameter_names(network, norms) | biases) - frozen_parameters(network)


def frozen_parameters(network: SpeechNetwork) -> set[str]:
    """Names of the parameters that the model freezes for every method.

    Adapters do not count: they are frozen only until a method trains them.
    """
    untrained = {name for name, p in network.named_parameters() if not p.requires_grad}
    return untrained - parameter_names(network, network.adapters())


def parameter_names(network: SpeechNetwork, modules: Iterable[nn.Module]) -> set[str]:
    """The names, in the network, of the parameters of these modules."""
    chosen = {id(p) for module in modules for p in module.parameters()}
    return {name for name, p in network.named_parameters() if id(p) in chosen}

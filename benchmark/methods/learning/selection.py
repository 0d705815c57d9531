"""Which parameters learn: names of parts of a network, and letting only those learn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from torch import nn

from benchmark.models.networks.base import SpeechNetwork


@contextmanager
def only(network: SpeechNetwork, names: Collection[str]) -> Iterator[None]:
    """Let only the parameters of these names learn, for a while."""
    before = {name: p.requires_grad for name, p in network.named_parameters()}
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in names)
    try:
        yield
    finally:
        for name, parameter in network.named_parameters():
            if name in before:
                parameter.requires_grad_(before[name])


def head(network: SpeechNetwork) -> set[str]:
    """The output layer."""
    return within(network, [network.output])


def body(network: SpeechNetwork) -> set[str]:
    """Everything that learns but the output layer."""
    return {name for name, p in network.named_parameters() if p.requires_grad} - head(network)


def after(network: SpeechNetwork, parts: int) -> set[str]:
    """The last `parts` parts of the body, and what comes behind them: norm and output layer."""
    kept = network.parts()
    names = set(dict(network.named_parameters())) - frozen(network)
    return names - within(network, kept[: len(kept) - parts])


def norms_and_biases(network: SpeechNetwork) -> set[str]:
    """Scales and shifts of normalisation, and the biases of all layers."""
    norms = [m for m in network.modules() if isinstance(m, nn.LayerNorm | nn.GroupNorm)]
    biases = {name for name, _ in network.named_parameters() if name.endswith("bias")}
    return (within(network, norms) | biases) - frozen(network)


def frozen(network: SpeechNetwork) -> set[str]:
    """What the model keeps as it is, whatever the method; adapters only wait for theirs."""
    still = {name for name, p in network.named_parameters() if not p.requires_grad}
    return still - within(network, network.adapters())


def within(network: SpeechNetwork, modules: Iterable[nn.Module]) -> set[str]:
    """The parameters of these modules, by their names in the network."""
    wanted = {id(p) for module in modules for p in module.parameters()}
    return {name for name, p in network.named_parameters() if id(p) in wanted}

"""Bytes are estimated from the model: those of published checkpoints, and none for unknown ones."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from benchmark.models.base import Model
from benchmark.plan.estimate import model_key, stored_bytes
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import KINDS, Stage
from benchmark.registry import MODELS

XLSR = {"dim": 1024, "layers": 24, "heads": 16, "ff": 4096, "conv": 512}


@pytest.mark.parametrize(
    ("name", "settings", "published"),
    [
        ("wav2vec2", XLSR, 315e6),  # arXiv 2111.09296, table 1: 0.3 B
        ("wav2vec2", XLSR | {"dim": 768, "layers": 12, "heads": 12, "ff": 3072}, 95e6),
        ("conv_ctc", {}, 0.41e6),
        ("keyword_cnn", {}, 8.4e6),
    ],
)
def test_weights_are_about_as_many_as_published(
    name: str, settings: dict[str, Any], published: float
) -> None:
    assert MODELS.make(name, settings).num_parameters(64) == pytest.approx(published, rel=0.05)


@pytest.mark.parametrize("settings", [{}, {"dim": 32, "blocks": 2, "ff": 64}, {"adapter": 16}])
def test_the_number_is_that_of_the_network(settings: dict[str, Any]) -> None:
    model: Model = MODELS.make("conformer_ctc", settings)
    weights = sum(p.numel() for p in model.build(40, 1).parameters())
    assert model.num_parameters(40) == pytest.approx(weights, rel=0.05)


def made_up(kind: str, **values: Any) -> Stage:
    """A stage of which these values alone matter."""
    names = {field.name: None for field in fields(KINDS[kind])}
    return KINDS[kind](**{name: values.get(name) for name in names})


def test_a_large_model_takes_its_bytes_and_an_unknown_one_is_named() -> None:
    large, unknown = ({"name": name, "settings": {}} for name in ("large", "mine:Net"))
    stages = [
        PlannedStage(made_up(kind, model=model), f"{kind} {model}", "x")
        for kind in ("meta_train", "adapt", "compress", "score")
        for model in (large, unknown)
    ]
    stored = stored_bytes(stages, {model_key(large): 315_000_000, model_key(unknown): None})
    assert stored.num_bytes == pytest.approx(315e6 * (4 + 4 + 2.5), rel=0.01)
    assert stored.unknown == ("mine:Net",)


def test_an_unpinned_checkpoint_is_not_known() -> None:
    model = MODELS.make("wav2vec2", {"checkpoint": "facebook/wav2vec2-xls-r-300m"})
    assert model.num_parameters(80) is None

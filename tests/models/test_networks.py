"""What every network promises, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.models.base import Model
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.keyword_cnn import KeywordCNN
from benchmark.models.networks.base import SpeechNetwork
from benchmark.models.wav2vec2 import Wav2Vec2

MODELS: dict[str, Model] = {
    "conv": ConvCTC(channels=16, blocks=2, kernel=5),
    "conformer": ConformerCTC(dim=16, blocks=2, heads=2, ff=24, kernel=5),
    "conformer with group norm": ConformerCTC(
        dim=16, blocks=2, heads=2, ff=24, kernel=5, norm="group"
    ),
    "keyword": KeywordCNN(),
    "wav2vec2": Wav2Vec2(dim=16, layers=2, heads=2, ff=24, conv=8, freeze_features=False),
    "wav2vec2 as the base models are": Wav2Vec2(
        dim=16,
        layers=2,
        heads=2,
        ff=24,
        freeze_features=False,
        config={
            "feat_extract_norm": "group",
            "do_stable_layer_norm": False,
            "conv_dim": [8] * 7,
            "num_conv_pos_embeddings": 16,
        },
    ),
    "hubert": Wav2Vec2(
        dim=16,
        layers=2,
        heads=2,
        ff=24,
        conv=8,
        adapter=4,
        freeze_features=False,
        config={"model_type": "hubert", "conv_bias": True, "num_conv_pos_embeddings": 16},
    ),
}
NUM_UNITS = 6


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Model:
    return MODELS[request.param]


def build(model: Model) -> SpeechNetwork:
    torch.manual_seed(0)
    return model.build(64, NUM_UNITS)


def make_batch(model: Model, lengths: list[int], num_targets: int = 3) -> Batch:
    """Noise of these lengths; of 80 times as many samples where a model hears waveforms."""
    generator = torch.Generator().manual_seed(1)
    waveform = model.input_type == "waveform"
    width = 1 if waveform else 64
    lengths = [80 * length if waveform else length for length in lengths]
    features = torch.zeros(len(lengths), max(lengths), width)
    for row, length in zip(features, lengths, strict=True):
        row[:length] = torch.randn(length, width, generator=generator)
    targets = torch.randint(0, NUM_UNITS, (len(lengths), num_targets), generator=generator)
    return Batch(
        features,
        torch.tensor(lengths),
        targets,
        torch.tensor([num_targets] * len(lengths)),
    )


def alone(batch: Batch, n: int) -> Batch:
    return Batch(
        batch.features[n : n + 1, : batch.lengths[n]],
        batch.lengths[n : n + 1],
        batch.targets[n : n + 1],
        batch.target_lengths[n : n + 1],
    )


def test_batch_mates_and_padding_change_neither_loss_nor_transcript(model: Model) -> None:
    network, batch = build(model), make_batch(model, [61, 40, 27, 64])
    singles = [alone(batch, n) for n in range(4)]
    expected = torch.stack([network.loss(single) for single in singles]).mean()
    torch.testing.assert_close(network.loss(batch), expected)
    for together, single in zip(network.transcribe(batch), singles, strict=True):
        (by_itself,) = network.transcribe(single)
        assert together.units == by_itself.units
        assert together.blank_fraction == pytest.approx(by_itself.blank_fraction)


def test_what_lies_in_the_padding_is_never_read(model: Model) -> None:
    network, batch = build(model), make_batch(model, [61, 27])
    clean = network.loss(batch)
    batch.features[1, batch.lengths[1] :] = 7.0
    torch.testing.assert_close(network.loss(batch), clean)


def test_growing_keeps_old_transcripts_and_adds_mean_rows(model: Model) -> None:
    network, batch = build(model), make_batch(model, [61, 40])
    before = network.transcribe(batch)
    weight = network.get_parameter("output.weight").detach().clone()
    units = weight[-NUM_UNITS:]
    network.grow(NUM_UNITS + 2)
    assert network.transcribe(batch) == before
    grown = network.get_parameter("output.weight")
    torch.testing.assert_close(grown[: len(weight)], weight)
    torch.testing.assert_close(grown[len(weight) :], units.mean(0).expand(2, -1))
    assert network.get_parameter("output.bias").shape == grown.shape[:1]
    assert grown.requires_grad and isinstance(grown, torch.nn.Parameter)


def test_growing_keeps_the_type_and_refuses_to_shrink(model: Model) -> None:
    network = build(model).to(torch.bfloat16)
    network.grow(NUM_UNITS + 1)
    assert network.get_parameter("output.weight").dtype == torch.bfloat16
    with pytest.raises(ValueError, match="cannot shrink"):
        network.grow(NUM_UNITS)


def test_the_loss_has_the_second_derivative_that_finite_differences_find(model: Model) -> None:
    network, batch = build(model).double(), make_batch(model, [40, 31])
    batch.features = batch.features.double()
    parameters = [p for p in network.parameters() if p.requires_grad]
    generator = torch.Generator().manual_seed(2)
    direction = [
        torch.randn(p.shape, generator=generator).double() / p.numel() ** 0.5 for p in parameters
    ]

    def gradient(create_graph: bool = False) -> tuple[Tensor, ...]:
        return torch.autograd.grad(network.loss(batch), parameters, create_graph=create_graph)

    def moved(step: float) -> tuple[Tensor, ...]:
        with torch.no_grad():
            for parameter, change in zip(parameters, direction, strict=True):
                parameter += step * change
        result = gradient()
        with torch.no_grad():
            for parameter, change in zip(parameters, direction, strict=True):
                parameter -= step * change
        return result

    exact = torch.autograd.grad(gradient(create_graph=True), parameters, direction)
    step = 1e-6
    for product, above, below in zip(exact, moved(step), moved(-step), strict=True):
        torch.testing.assert_close(product, (above - below) / (2 * step), rtol=1e-4, atol=1e-7)


def test_bfloat16_autocast_gives_about_the_loss_of_float32(model: Model) -> None:
    network, batch = build(model), make_batch(model, [61, 40])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = network.loss(batch)
    loss.backward()
    assert loss.item() == pytest.approx(network.loss(batch).item(), rel=0.05)
    learning = [p for p in network.parameters() if p.requires_grad]
    assert all(p.grad is not None and p.grad.isfinite().all() for p in learning)


@pytest.mark.parametrize(
    ("build_model", "millions"),
    [(ConvCTC, 0.4), (ConformerCTC, 1.4), (KeywordCNN, 8.4), (Wav2Vec2, 0.74)],
)
def test_default_sizes(build_model: Callable[[], Model], millions: float) -> None:
    network = build_model().build(64, 40)
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(millions * 1e6, rel=0.15)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_hears_what_the_cpu_hears(model: Model) -> None:
    network, batch = build(model), make_batch(model, [61, 40])
    loss, transcripts = network.loss(batch), network.transcribe(batch)
    there = Batch(*(x.cuda() for x in vars(batch).values()))
    network.cuda()
    torch.testing.assert_close(network.loss(there).cpu(), loss, rtol=1e-3, atol=1e-4)
    assert network.transcribe(there) == transcripts
    with torch.autocast("cuda", dtype=torch.bfloat16):
        assert network.loss(there).isfinite()

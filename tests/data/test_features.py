"""Log-mel features of utterances of any length, alone or in a batch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from benchmark.data.base import SAMPLE_RATE
from benchmark.data.features import Features
from benchmark.data.frontend import FLOOR, LogMel, Waveform


def tone(frequency: float, samples: int) -> Tensor:
    time = torch.arange(samples) / SAMPLE_RATE
    swell = torch.linspace(0.1, 1.0, samples)
    return swell * torch.sin(2 * torch.pi * frequency * time)


def padded(waveforms: list[Tensor]) -> tuple[Tensor, Tensor]:
    batch = torch.nn.utils.rnn.pad_sequence(waveforms, batch_first=True)
    return batch, torch.tensor([len(waveform) for waveform in waveforms])


def test_an_utterance_has_the_same_features_alone_and_in_a_batch() -> None:
    torch.manual_seed(0)
    frontend = LogMel(Features())
    waveforms = [0.1 * torch.randn(n) for n in (16_000, 9_001, 700, 300)]
    features, frames = frontend(*padded(waveforms))
    for waveform, together, count in zip(waveforms, features, frames, strict=True):
        alone = frontend(*padded([waveform]))
        assert alone.frames.tolist() == [count]
        torch.testing.assert_close(together[:count], alone.features[0], rtol=1e-4, atol=1e-4)
        assert together[count:].eq(0).all()


def test_frames_follow_the_hop_and_a_short_utterance_has_one() -> None:
    frontend = LogMel(Features(hop_ms=10))
    waveforms = [torch.ones(n) for n in (1, 512, 512 + 159, 512 + 160, 32_000)]
    assert frontend(*padded(waveforms)).frames.tolist() == [1, 1, 1, 2, 197]


def test_bands_have_mean_zero_and_variance_one_over_an_utterances_own_frames() -> None:
    torch.manual_seed(0)
    features, frames = LogMel(Features())(*padded([torch.randn(16_000), torch.randn(8_000)]))
    for row, count in zip(features, frames, strict=True):
        torch.testing.assert_close(row[:count].mean(0), torch.zeros(64), rtol=0, atol=1e-5)
        deviation = row[:count].std(0, correction=0)
        torch.testing.assert_close(deviation, torch.ones(64), rtol=0, atol=0.05)


def test_loudness_does_not_matter() -> None:
    torch.manual_seed(0)
    speech = torch.randn(16_000)
    frontend = LogMel(Features())
    loud, quiet = (frontend(*padded([level * speech])).features for level in (0.5, 0.1))
    torch.testing.assert_close(loud, quiet, rtol=0, atol=0.05)


@pytest.mark.parametrize("frequency", [300.0, 1000.0, 4000.0])
def test_energy_of_a_tone_is_in_the_band_of_its_pitch(frequency: float) -> None:
    frontend = LogMel(Features())
    energy = (frontend.mel(tone(frequency, 16_000)[None]) + FLOOR).log()[0].mean(1)
    top_mel = 2595 * torch.log10(torch.tensor(1 + 8000 / 700))
    mel = 2595 * torch.log10(torch.tensor(1 + frequency / 700))
    assert abs(energy.argmax().item() - (mel / top_mel * 65 - 1).item()) <= 1


def test_silence_gives_finite_features() -> None:
    features = LogMel(Features())(*padded([torch.zeros(8_000)])).features
    torch.testing.assert_close(features, torch.zeros(1, 47, 64), rtol=0, atol=1e-3)


def test_waveforms_are_normalised_as_wav2vec2_expects_them() -> None:
    from transformers import Wav2Vec2FeatureExtractor

    torch.manual_seed(0)
    waveforms = [0.1 * torch.randn(n) + 0.05 for n in (16_000, 900)]
    features, lengths = Waveform(Features())(*padded(waveforms))
    theirs = Wav2Vec2FeatureExtractor(sampling_rate=SAMPLE_RATE, do_normalize=True)
    for row, waveform, length in zip(features, waveforms, lengths, strict=True):
        expected = theirs(waveform.numpy(), sampling_rate=SAMPLE_RATE, return_tensors="pt")
        assert length == len(waveform)
        torch.testing.assert_close(
            row[:length, 0], expected["input_values"][0], rtol=1e-4, atol=1e-5
        )
        assert row[length:].eq(0).all()


def test_a_silent_waveform_stays_finite() -> None:
    features = Waveform(Features())(*padded([torch.zeros(800)])).features
    torch.testing.assert_close(features, torch.zeros(1, 800, 1))


def test_settings_are_readable_without_torch() -> None:
    import subprocess
    import sys

    code = (
        "import sys, benchmark.data.features, benchmark.data.augmentation\n"
        "import benchmark.models.conv_ctc, benchmark.models.conformer_ctc\n"
        "import benchmark.models.keyword_cnn, benchmark.models.wav2vec2\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

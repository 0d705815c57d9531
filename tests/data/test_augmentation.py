"""Augmentation changes what it says, within its bounds, the same for a seed."""

from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor

from benchmark.data.augmentation import Augmentation
from benchmark.data.perturb import draw_change, draw_masks, mask_features, perturb_waveform

EVERYTHING = Augmentation(
    shift_ms=50,
    crop=0.1,
    rotate_ms=50,
    speed=0.1,
    noise_snr_db=10,
    time_masks=2,
    freq_masks=2,
)
SPEECH = torch.sin(torch.arange(4_000) * 0.3)


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def perturbed(waveform: Tensor, settings: Augmentation, generator: Generator) -> Tensor:
    return perturb_waveform(waveform, draw_change(len(waveform), settings, generator))


def masked(
    features: Tensor,
    frames: Tensor,
    settings: Augmentation,
    generator: Generator,
    frames_per_hop: int = 1,
) -> Tensor:
    bands = features.shape[2]
    return mask_features(features, draw_masks(frames, bands, settings, generator, frames_per_hop))


def many(settings: Augmentation) -> list[Tensor]:
    generator = seeded()
    return [perturbed(SPEECH, settings, generator) for _ in range(30)]


def test_nothing_happens_unless_asked_for() -> None:
    assert torch.equal(perturbed(SPEECH, Augmentation(), seeded()), SPEECH)
    features = torch.randn(3, 40, 64)
    frames = torch.tensor([40, 30, 1])
    assert torch.equal(masked(features, frames, Augmentation(), seeded()), features)


def test_a_seed_gives_the_same_speech_and_another_one_other_speech() -> None:
    first, again, other = (perturbed(SPEECH, EVERYTHING, seeded(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert first.shape != other.shape or not torch.equal(first, other)


def test_shift_moves_in_time_and_fills_with_silence() -> None:
    for moved in many(Augmentation(shift_ms=50)):
        assert len(moved) == len(SPEECH)
        shift = next(k for k in range(-800, 801) if _is_shifted(moved, k))
        assert abs(shift) <= 800


def _is_shifted(moved: Tensor, k: int) -> bool:
    if k >= 0:
        return torch.equal(moved[k:], SPEECH[: len(SPEECH) - k]) and bool(moved[:k].eq(0).all())
    return torch.equal(moved[:k], SPEECH[-k:]) and bool(moved[k:].eq(0).all())


def test_shift_by_more_than_an_utterance_leaves_silence() -> None:
    generator = seeded()
    moved = [perturbed(SPEECH[:100], Augmentation(shift_ms=1000), generator) for _ in range(20)]
    assert all(len(waveform) == 100 for waveform in moved)


def test_rotation_keeps_every_sample() -> None:
    for turned in many(Augmentation(rotate_ms=100)):
        torch.testing.assert_close(turned.sort().values, SPEECH.sort().values)


def test_crop_takes_a_part_no_shorter_than_allowed() -> None:
    lengths = {len(part) for part in many(Augmentation(crop=0.2))}
    assert min(lengths) >= 0.8 * len(SPEECH)
    assert len(lengths) > 10
    for part in many(Augmentation(crop=0.2)):
        assert (SPEECH.unfold(0, len(part), 1) == part).all(1).any()


def test_speed_changes_length_and_pitch_together() -> None:
    for spoken in many(Augmentation(speed=0.1)):
        assert len(SPEECH) / 1.1 - 1 <= len(spoken) <= len(SPEECH) / 0.9 + 1
        spectrum = torch.fft.rfft(spoken).abs()
        pitch = spectrum.argmax().item() / len(spoken) * 2 * torch.pi
        assert pitch == pytest.approx(0.3 * len(SPEECH) / len(spoken), rel=0.01)


def test_noise_keeps_to_its_range_of_ratios() -> None:
    for noisy in many(Augmentation(noise_snr_db=5)):
        snr_db = 10 * (SPEECH.square().mean() / (noisy - SPEECH).square().mean()).log10()
        assert 4.5 <= snr_db <= 25.5


def test_noise_on_silence_is_silence() -> None:
    silence = torch.zeros(1000)
    noisy = perturbed(silence, Augmentation(noise_snr_db=0), seeded())
    assert torch.equal(noisy, silence)


def test_masks_hide_whole_frames_and_bands_of_bounded_width() -> None:
    frames = torch.tensor([100, 30, 1])
    features = torch.ones(3, 100, 64)
    hidden_somewhere = False
    generator = seeded()
    for _ in range(20):
        shown = masked(features, frames, Augmentation(time_masks=1), generator)
        assert torch.equal(shown, shown[:, :, :1].expand_as(shown))
        hidden = (shown[:, :, 0] == 0).sum(1)
        assert (hidden <= torch.tensor([20, 15, 0])).all()
        hidden_somewhere |= bool(hidden[:2].gt(0).all())
        bands = masked(features, frames, Augmentation(freq_masks=2), generator)
        assert torch.equal(bands, bands[:, :1].expand_as(bands))
        assert ((bands[:, 0] == 0).sum(1) <= 16).all()
    assert hidden_somewhere


def test_masks_over_a_waveform_last_as_long_and_leave_its_one_band_alone() -> None:
    lengths = torch.tensor([16_000, 800])
    waveforms = torch.ones(2, 16_000, 1)
    settings, generator = Augmentation(time_masks=1, freq_masks=2), seeded()
    widths = []
    for _ in range(40):
        shown = masked(waveforms, lengths, settings, generator, frames_per_hop=160)
        widths.append((shown[:, :, 0] == 0).sum(1))
    longest = torch.stack(widths).amax(0)
    assert (longest <= torch.tensor([20 * 160, 400])).all()
    assert (longest > torch.tensor([15 * 160, 300])).all()

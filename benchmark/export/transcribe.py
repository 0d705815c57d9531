"""Transcribe audio files with the model in this folder: python transcribe.py AUDIO...

Needs numpy, soundfile and what runtime.json names; resamples by cutting or extending the spectrum.
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import soundfile


def features(path, rate, mels, window, hop, span, floor, deviation_floor):
    samples, own = soundfile.read(path, dtype="float64", always_2d=True)
    samples, count = samples.mean(1), round(len(samples) * rate / own)
    if own != rate and count:
        samples = np.fft.irfft(np.fft.rfft(samples)[: count // 2 + 1], count) * count / len(samples)
    samples = np.clip(np.rint(samples * 32768), -32768, 32767) / 32768
    if not mels:  # the input is the waveform
        return np.float32((samples - samples.mean()) / np.sqrt(samples.var() + 1e-7))[None, :, None]
    samples = np.pad(samples, (0, max(0, span - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(samples, span)[::hop, (span - window) // 2 :]
    power = np.abs(np.fft.rfft(frames[:, :window] * np.hanning(window + 1)[:-1], span)) ** 2
    edges = 700 * (10 ** np.linspace(0, np.log10(1 + rate / 1400), mels + 2) - 1)
    bins = np.linspace(0, rate / 2, span // 2 + 1)
    bank = [np.interp(bins, edges[band : band + 3], [0, 1, 0]) for band in range(mels)]
    energies = np.log(power @ np.transpose(bank) + floor)
    return np.float32((energies - energies.mean(0)) / (energies.std(0) + deviation_floor))[None]


def load(folder):
    names = ("runtime", "features", "tokenizer")
    runtime, hearing, tokens = (json.loads((folder / f"{n}.json").read_bytes()) for n in names)
    if runtime["name"] == "openvino":
        from openvino import Core

        run = Core().compile_model(folder / "model.xml", "CPU", runtime["options"])
    else:
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        for entry in runtime["options"].items():
            options.add_session_config_entry(*entry)
        run = partial(InferenceSession(folder / "model.onnx", options).run, None)

    def transcribe(path):
        best = run({"features": features(path, **hearing)})[0][0].argmax(-1)
        text = "".join(tokens["symbols"][i] for i in best[np.diff(best, prepend=-1) != 0])
        return text.encode(tokens["encoding"]).decode(errors="ignore")

    return transcribe


if __name__ == "__main__":
    from runpy import run_path

    run_path(str(Path(__file__).with_name("sound.py")))["main"](load(Path(__file__).parent))

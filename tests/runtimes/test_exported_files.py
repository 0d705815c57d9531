"""Files of other runtimes say what the torch network says, in a fresh process, in fewer bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from subjects import compressed, header_of, native

from benchmark.compression.chain.subject import Subject
from benchmark.errors import Unsupported, UserError
from benchmark.registry import RUNTIMES
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.runtimes.running.recogniser import Recogniser, Waveform

MakeSubject = Callable[..., Subject]
MODELS = ["conv_ctc", "conformer_ctc", "keyword_cnn", "wav2vec2"]
NAMES = ["onnxruntime", "openvino"]
TOLERANCE = 1e-4
"""Of logits that reach about 10, against torch's; in float32 only the order of sums differs."""

TRANSCRIBE = """
import json, sys
from pathlib import Path
import numpy as np
from benchmark.registry import RUNTIMES
arrays = np.load(sys.argv[1])
recogniser = RUNTIMES.make(sys.argv[2]).load(Path(sys.argv[3]), "cpu")
print(json.dumps([t.text for t in recogniser.transcribe([arrays[n] for n in arrays.files])]))
"""


def saved(subject: Subject, name: str, folder: Path) -> Path:
    runtime = RUNTIMES.make(name)
    path = runtime.file(folder)
    runtime.save(subject, header_of(subject), path)
    return path


def texts(recogniser: Recogniser, waveforms: list[Waveform]) -> list[str]:
    return [transcript.text for transcript in recogniser.transcribe(waveforms)]


def furthest(one: TorchRecogniser, other: Recogniser, waveforms: list[Waveform]) -> float:
    """The largest difference of two recognisers' logits."""
    with torch.inference_mode():
        batches = [one.features([waveform]) for waveform in waveforms]
        pairs = [(one.run(batch), other.run(batch)) for batch in batches]
    assert all(torch.equal(a.lengths, b.lengths) for a, b in pairs)
    return max(float((a.frames - b.frames).abs().max()) for a, b in pairs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_gives_torchs_logits_and_texts_at_every_length(
    make_subject: MakeSubject, waveforms: list[Waveform], tmp_path: Path, model: str, name: str
) -> None:
    subject = make_subject(model)
    reference = native(subject, tmp_path)
    recogniser = RUNTIMES.make(name).load(saved(subject, name, tmp_path), "cpu")
    assert furthest(reference, recogniser, waveforms) < TOLERANCE
    assert texts(recogniser, waveforms) == texts(reference, waveforms)
    assert len(set(texts(reference, waveforms))) >= 3, "one answer for all would prove nothing"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("chain", "settings"),
    [
        ("fp16", {}),
        ("bf16", {}),
        ("fp8", {}),
        ("int8", {}),
        ("int8", {"symmetric": False}),
        ("int4", {"granularity": "tensor"}),
        ("int4", {"granularity": "group"}),
        ("int4", {"granularity": "group", "symmetric": False}),
        ("int3", {}),
        ("kmeans16", {}),
        ("kmeans64", {}),
        ("int8+huffman", {}),
        ("prune50+int8", {}),
    ],
)
def test_compressed_weights_are_those_that_torch_reads_from_its_file(
    make_subject: MakeSubject,
    waveforms: list[Waveform],
    tmp_path: Path,
    chain: str,
    settings: dict[str, object],
    name: str,
) -> None:
    subject = compressed(make_subject("conv_ctc"), chain, **settings)
    reference = native(subject, tmp_path)
    recogniser = RUNTIMES.make(name).load(saved(subject, name, tmp_path), "cpu")
    assert furthest(reference, recogniser, waveforms) < TOLERANCE
    assert texts(recogniser, waveforms) == texts(reference, waveforms)


@pytest.mark.parametrize("chain", ["layer_drop1", "svd50", "structured50", "svd50+int4"])
@pytest.mark.parametrize("model", ["conv_ctc", "conformer_ctc"])
def test_a_network_whose_layers_were_edited_is_exported_as_it_is(
    make_subject: MakeSubject, waveforms: list[Waveform], tmp_path: Path, model: str, chain: str
) -> None:
    subject = compressed(make_subject(model), chain)
    assert subject.architecture.edits
    reference = native(subject, tmp_path)
    recogniser = RUNTIMES.make("onnxruntime").load(saved(subject, "onnxruntime", tmp_path), "cpu")
    assert furthest(reference, recogniser, waveforms) < TOLERANCE
    assert furthest(native(make_subject(model), tmp_path), recogniser, waveforms) > 0.1


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_weight_is_told_apart(
    make_subject: MakeSubject, tmp_path: Path, name: str
) -> None:
    subject = make_subject("keyword_cnn")
    path = saved(subject, name, tmp_path)
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    weights = 4 * sum(weight.values.numel() for weight in subject.weights.values())
    header = RUNTIMES.make(name).header_bytes(path)
    assert header is not None
    assert size - header == pytest.approx(weights, rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_process_hears_the_same(
    make_subject: MakeSubject, waveforms: list[Waveform], tmp_path: Path, name: str
) -> None:
    subject = compressed(make_subject("conv_ctc"), "int8")
    path = saved(subject, name, tmp_path)
    np.savez(tmp_path / "speech.npz", *waveforms)
    command = [sys.executable, "-c", TRANSCRIBE, str(tmp_path / "speech.npz"), name, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == texts(native(subject, tmp_path), waveforms)


@pytest.mark.parametrize("name", NAMES)
def test_utterances_do_not_feel_each_other(
    make_subject: MakeSubject, waveforms: list[Waveform], tmp_path: Path, name: str
) -> None:
    recogniser = RUNTIMES.make(name).load(saved(make_subject("conv_ctc"), name, tmp_path), "cpu")
    alone = [texts(recogniser, [waveform])[0] for waveform in waveforms]
    assert texts(recogniser, waveforms) == alone
    with torch.inference_mode():
        together = recogniser.decode(recogniser.run(recogniser.features(waveforms)))
    assert [transcript.text for transcript in together] == alone


@pytest.mark.parametrize(
    ("chain", "ratio"),
    [("bf16", 1 / 2), ("fp8", 1 / 4), ("int8", 1 / 4), ("int4", 1 / 8), ("kmeans16", 1 / 8)],
)
def test_an_onnx_file_is_as_small_as_its_bits(
    make_subject: MakeSubject, tmp_path: Path, chain: str, ratio: float
) -> None:
    whole = make_subject("keyword_cnn")
    sizes = []
    for subject in (whole, compressed(whole, chain)):
        sizes.append(saved(subject, "onnxruntime", tmp_path).stat().st_size)
    assert sizes[1] / sizes[0] == pytest.approx(ratio, rel=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_subject_is_the_same_bytes(
    make_subject: MakeSubject, tmp_path: Path, name: str
) -> None:
    contents = []
    for place in ("one", "two"):
        folder = tmp_path / place
        folder.mkdir()
        saved(make_subject("conv_ctc"), name, folder)
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]


def test_a_file_tells_nothing_of_where_it_was_made(
    make_subject: MakeSubject, tmp_path: Path
) -> None:
    content = saved(make_subject("conv_ctc"), "onnxruntime", tmp_path).read_bytes()
    assert b".py" not in content
    assert str(Path.home()).encode() not in content


@pytest.mark.parametrize("name", NAMES)
def test_one_changed_byte_is_noticed_in_every_file(
    make_subject: MakeSubject, tmp_path: Path, name: str
) -> None:
    path = saved(make_subject("conv_ctc"), name, tmp_path)
    for file in tmp_path.glob("artefact.*"):
        original = file.read_bytes()
        for position in (0, len(original) // 2, len(original) - 5):
            damaged = bytearray(original)
            damaged[position] ^= 1
            file.write_bytes(damaged)
            with pytest.raises(UserError, match="damaged") as caught:
                RUNTIMES.make(name).load(path, "cpu")
            assert "\n" not in str(caught.value)
        file.write_bytes(original)
    RUNTIMES.make(name).load(path, "cpu")


@pytest.mark.parametrize("name", NAMES)
def test_foreign_and_missing_files_are_user_errors(tmp_path: Path, name: str) -> None:
    path = RUNTIMES.make(name).file(tmp_path)
    with pytest.raises(UserError, match="no such artefact"):
        RUNTIMES.make(name).load(path, "cpu")
    path.write_bytes(b"not a model")
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(UserError, match="not an artefact of this benchmark"):
        RUNTIMES.make(name).load(path, "cpu")


def test_a_network_that_cannot_be_exported_is_unsupported_with_the_reason(
    make_subject: MakeSubject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmark.models.networks.conv import ConvNetwork

    hidden = ConvNetwork.hidden

    def by_content(network: ConvNetwork, features: torch.Tensor, lengths: torch.Tensor) -> object:
        if features.sum() > 0:
            features = -features
        return hidden(network, features, lengths)

    monkeypatch.setattr(ConvNetwork, "hidden", by_content)
    subject = make_subject("conv_ctc")
    other = replace(subject.architecture, settings=subject.architecture.settings | {"blocks": 1})
    with pytest.raises(Unsupported, match="conv_ctc cannot be exported to ONNX: ") as caught:
        saved(replace(subject, architecture=other), "onnxruntime", tmp_path)
    assert "\n" not in str(caught.value)


def test_a_decoding_that_is_code_is_unsupported(
    make_subject: MakeSubject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmark.models.networks.conv import ConvNetwork

    monkeypatch.setattr(ConvNetwork, "decode", staticmethod(lambda scores: []))
    with pytest.raises(Unsupported, match="has its own decoder"):
        saved(make_subject("conv_ctc"), "onnxruntime", tmp_path)


def test_openvino_computes_in_bf16_only_when_told(
    make_subject: MakeSubject, waveforms: list[Waveform], tmp_path: Path
) -> None:
    subject = make_subject("conformer_ctc")
    path = saved(subject, "openvino", tmp_path)
    exact = RUNTIMES.make("openvino").options("float")
    assert exact["INFERENCE_PRECISION_HINT"] == "f32"
    rough = RUNTIMES.make("openvino", {"precision": "bf16"}).load(path, "cpu")
    assert furthest(native(subject, tmp_path), rough, waveforms[:3]) < 1

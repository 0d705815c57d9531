"""Networks computed with 8-bit integers."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import SimpleNamespace

import onnx
import pytest
import torch
from subjects import compressed, header_of, native

from benchmark.compression.chain.subject import Subject
from benchmark.compression.chain.support import Support
from benchmark.data.batch import Batch
from benchmark.errors import Unsupported
from benchmark.registry import COMPRESSIONS, OPTIMIZERS, RUNTIMES
from benchmark.runtimes.running.recogniser import Waveform

MakeSubject = Callable[..., Subject]
CHAINS = ["int8_dynamic", "int8_static", "int8_mixed"]
QUANTISED = {
    "int8_dynamic": {"MatMulInteger"},
    "int8_static": {"QuantizeLinear", "DequantizeLinear"},
    "int8_mixed": {"MatMulInteger", "QuantizeLinear", "DequantizeLinear"},
}


@pytest.fixture
def support(make_subject: MakeSubject, waveforms: list[Waveform], tmp_path: Path) -> Support:
    """The waveforms as a support set."""
    batch = native(make_subject("conv_ctc"), tmp_path).features(waveforms)

    def first(size: int) -> Batch:
        return Batch(batch.features[:size], batch.lengths[:size], batch.targets, batch.targets)

    task = SimpleNamespace(language="en", batch=first)
    optimizer = OPTIMIZERS.make("sgd")
    return Support(task, None, optimizer, Random(0), "cpu", lambda done, total: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("chain", [*CHAINS, "prune50+int8_mixed", "int4+int8_static"])
@pytest.mark.parametrize("model", ["conv_ctc", "conformer_ctc", "keyword_cnn"])
def test_integers_stay_near_floating_point_and_make_the_file_small(
    make_subject: MakeSubject,
    waveforms: list[Waveform],
    support: Support,
    tmp_path: Path,
    model: str,
    chain: str,
) -> None:
    subject = compressed(make_subject(model), chain, support)
    reference = native(subject, tmp_path)
    runtime = RUNTIMES.make("onnxruntime")
    runtime.save(subject, header_of(subject), runtime.file(tmp_path))
    recogniser = runtime.load(runtime.file(tmp_path), "cpu")
    operators = Counter(node.op_type for node in onnx.load(runtime.file(tmp_path)).graph.node)
    assert set(operators) >= QUANTISED[chain.rpartition("+")[2]]
    with torch.inference_mode():
        batch = reference.features(waveforms[2:3])
        exact, rough = reference.run(batch).frames, recogniser.run(batch).frames
    error = (exact - rough).norm() / exact.norm()
    assert 0 < error < 0.15
    floats = (tmp_path / "native.safetensors").stat().st_size
    if chain in ("int8_static", "int8_mixed"):
        graph = 40_000
        assert runtime.file(tmp_path).stat().st_size < 0.3 * floats + graph


def test_weights_are_those_that_onnxruntimes_own_dequantisation_gives_back(
    make_subject: MakeSubject, support: Support, tmp_path: Path
) -> None:
    subject = compressed(make_subject("keyword_cnn"), "int8_static", support)
    runtime = RUNTIMES.make("onnxruntime")
    runtime.save(subject, header_of(subject), runtime.file(tmp_path))
    graph = onnx.load(runtime.file(tmp_path)).graph
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    original = subject.weights["conv2.weight"].values
    found = next(a for a in stored.values() if a.dtype == "int8" and a.shape == original.shape)
    step = original.abs().amax((1, 2, 3), keepdim=True) / 127
    codes = (original / step).round()
    assert (torch.from_numpy(found.copy()) - codes).abs().max() <= 1


def test_where_there_is_no_speech_calibration_is_unsupported(make_subject: MakeSubject) -> None:
    for chain in ("int8_static", "int8_mixed"):
        with pytest.raises(Unsupported, match=f"{chain} needs speech"):
            compressed(make_subject("conv_ctc"), chain)


@pytest.mark.parametrize("utterances", [1, 3])
def test_calibration_takes_as_many_utterances_as_it_is_told(
    make_subject: MakeSubject, support: Support, utterances: int
) -> None:
    technique = COMPRESSIONS.make("int8_static", {"utterances": utterances})
    subject = make_subject("conv_ctc")
    after = technique.compress(Subject(subject.architecture, subject.weights, support))
    assert len(after.calibration) == utterances
    assert all(features.shape[0] == 1 for features in after.calibration)


def test_torch_says_which_runtime_computes_with_integers(
    make_subject: MakeSubject, tmp_path: Path
) -> None:
    subject = compressed(make_subject("conv_ctc"), "int8_dynamic")
    with pytest.raises(Unsupported, match="use onnxruntime for integers"):
        RUNTIMES.make("torch").save(subject, header_of(subject), tmp_path / "a")
    with pytest.raises(Unsupported, match="OpenVINO would emulate"):
        RUNTIMES.make("openvino").save(subject, header_of(subject), tmp_path / "a.xml")


def test_openvino_computes_fixed_ranges_as_onnxruntime_does(
    make_subject: MakeSubject, waveforms: list[Waveform], support: Support, tmp_path: Path
) -> None:
    subject = compressed(make_subject("conv_ctc"), "int8_static", support)
    scores = []
    for name in ("onnxruntime", "openvino"):
        runtime = RUNTIMES.make(name)
        runtime.save(subject, header_of(subject), runtime.file(tmp_path))
        recogniser = runtime.load(runtime.file(tmp_path), "cpu")
        with torch.inference_mode():
            scores.append(recogniser.run(recogniser.features(waveforms[2:3])).frames)
    assert (scores[0] - scores[1]).norm() < 0.02 * scores[0].norm()


def test_a_graph_without_weights_to_quantise_is_unsupported() -> None:
    from benchmark.runtimes.exporting.integers import with_integers

    make = onnx.helper.make_tensor_value_info
    ends = [make(name, onnx.TensorProto.FLOAT, [1, 4]) for name in ("features", "scores")]
    node = onnx.helper.make_node("Relu", ["features"], ["scores"], name="relu")
    model = onnx.helper.make_model(
        onnx.helper.make_graph([node], "g", ends[:1], ends[1:]),
        opset_imports=[onnx.helper.make_opsetid("", 21)],
        ir_version=10,
    )
    with pytest.raises(Unsupported, match="int8_dynamic changed nothing"):
        with_integers(model, "int8_dynamic", [])


def test_the_quantiser_does_not_put_another_benchmark_on_the_path() -> None:
    script = (
        "import sys; before = list(sys.path)\n"
        "import benchmark.runtimes.exporting.integers\n"
        "assert sys.path == before, set(sys.path) - set(before)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

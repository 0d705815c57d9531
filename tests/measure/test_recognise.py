"""A saved artefact transcribes as the network that it was made from."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from benchmark.errors import UserError
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.runtimes.running.recogniser import BATCH_SECONDS, batches

TRANSCRIBE = """
import json, sys
from pathlib import Path
import numpy as np
from benchmark.runtimes.running.eager import TorchRecogniser
arrays = np.load(sys.argv[1])
waveforms = [arrays[name] for name in arrays.files]
print(json.dumps([TorchRecogniser.load(Path(p)).transcribe(waveforms) for p in sys.argv[2:]]))
"""


def test_a_fresh_process_transcribes_exactly_as_the_one_that_made_the_file(
    make_artefact, waveforms, tmp_path
):
    made = [make_artefact(chain) for chain in ("none", "int8", "int4", "prune50+int8")]
    here = [TorchRecogniser(artefact).transcribe(waveforms) for _, artefact in made]
    np.savez(tmp_path / "speech.npz", *waveforms)
    command = [sys.executable, "-c", TRANSCRIBE, tmp_path / "speech.npz", *(p for p, _ in made)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert json.loads(output) == [[list(t) for t in transcripts] for transcripts in here]
    texts = {t.text for t in here[0]}
    assert len(texts) >= 4, "a network that says nothing would prove nothing"


def test_transcripts_come_in_the_order_given_and_do_not_depend_on_batch_mates(
    make_artefact, waveforms
):
    recogniser = TorchRecogniser(make_artefact("none")[1])
    together = recogniser.transcribe(waveforms)
    alone = [recogniser.transcribe([waveform])[0] for waveform in waveforms]
    assert [t.text for t in together] == [t.text for t in alone]
    assert recogniser.transcribe([]) == []


def test_weights_of_another_model_are_a_user_error(make_artefact):
    artefact = make_artefact("none")[1]
    del artefact.weights[next(iter(artefact.weights))]
    with pytest.raises(UserError, match="do not fit the model 'conv_ctc'") as caught:
        TorchRecogniser(artefact)
    assert "\n" not in str(caught.value)


def test_loading_leaves_the_random_state_as_it_was(make_artefact):
    path, _ = make_artefact("none")
    before = torch.get_rng_state()
    TorchRecogniser.load(path)
    assert torch.equal(torch.get_rng_state(), before)


def test_batches_hold_every_utterance_once_within_their_limit():
    limit = BATCH_SECONDS * 16000
    lengths = [int(n) for n in np.random.default_rng(0).integers(0, limit // 4, 500)] + [2 * limit]
    found = list(batches(lengths, BATCH_SECONDS))
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    padded = [max(lengths[i] for i in batch) * len(batch) for batch in found]
    assert all(n <= limit or len(batch) == 1 for n, batch in zip(padded, found, strict=True))
    # Utterances of one batch are alike, so that little is padding.
    assert sum(padded) < 1.1 * sum(lengths)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_hears_the_same(make_artefact, waveforms):
    path, _ = make_artefact("int8")
    on_gpu = TorchRecogniser.load(path, "cuda").transcribe(waveforms)
    assert [t.text for t in on_gpu] == [
        t.text for t in TorchRecogniser.load(path).transcribe(waveforms)
    ]

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile

from benchmark.data.corpora.base import SPLITS
from benchmark.data.corpora.speech import synthesis
from benchmark.data.corpora.synthetic import Synthetic
from benchmark.errors import DataError, UserError
from benchmark.registry import CORPORA

SMALL = Synthetic(train=24, validation=3, test=8)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path))
    return tmp_path / "synthetic"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
        return list(SMALL.read("de"))


def files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_splits_have_the_sizes_asked_for(german):
    sizes = [sum(row.split == split for row in german) for split in SPLITS]
    assert sizes == [24, 3, 8]


def test_splits_share_no_text_and_no_speaker(german):
    assert len({row.text for row in german}) == len(german)
    speakers = [{row.speaker for row in german if row.split == split} for split in SPLITS]
    assert [len(group) for group in speakers] == [12, 3, 4]
    assert len(set.union(*speakers)) == 19
    assert all(row.speaker.startswith("de-") for row in german)


def test_speech_is_audible_and_as_long_as_a_short_phrase(german):
    for row in german:
        samples, rate = soundfile.read(io.BytesIO(row.audio))
        assert rate >= 16_000
        assert samples.ndim == 1
        assert 0.8 <= len(samples) / rate <= 3.5
        peak = 20 * np.log10(np.abs(samples).max())
        assert -16 < peak < -1
        # Sound, not a click: a tenth of the time or more lies within 30 dB of the peak.
        assert np.mean(np.abs(samples) > 0.03 * np.abs(samples).max()) > 0.1


def test_voices_of_speakers_differ():
    with synthesis.Synthesizer() as synthesizer:
        one = synthesizer.speak("de+m3", 140, 50, "acht Kilometer")
        other = synthesizer.speak("de+f2", 140, 50, "acht Kilometer")
        slow = synthesizer.speak("de+f2", 100, 50, "acht Kilometer")
    assert not np.array_equal(one[:8000], other[:8000])
    assert len(slow) > 1.2 * len(other)


def test_same_settings_give_the_same_bytes(tmp_path, monkeypatch):
    made = []
    for name in ("one", "two"):
        monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / name))
        list(SMALL.read("pl"))
        made.append(files(tmp_path / name / "synthetic"))
    assert made[0] == made[1]
    assert len(made[0]) == 5  # the list of its files is one of them


def test_breathy_voices_do_not_follow_the_clock():
    spoken = []
    for _ in range(2):
        with synthesis.Synthesizer() as synthesizer:
            spoken.append(synthesizer.speak("pl+f5", 140, 50, "osiem"))
        # eSpeak NG seeds its noise with the time in seconds unless it is told otherwise.
        time.sleep(1.1)
    assert np.array_equal(*spoken)


def test_another_seed_gives_another_corpus(cache, german):
    other = list(Synthetic(train=24, validation=3, test=8, seed=1).read("de"))
    assert {row.text for row in other} != {row.text for row in german}
    assert other[0].audio != german[0].audio


def test_a_language_is_made_once(cache, monkeypatch):
    first = list(SMALL.read("fr"))
    monkeypatch.setattr(subprocess, "Popen", None)
    assert list(SMALL.read("fr")) == first


def test_folder_is_a_dataset_that_says_it_is_synthetic(cache):
    list(SMALL.read("ru"))
    (folder,) = cache.iterdir()
    assert datasets.get_dataset_config_names(str(folder)) == ["ru"]
    card = (folder / "README.md").read_text(encoding="utf-8").lower()
    assert "synthetic" in card
    assert "espeak ng" in card
    table = pq.read_table(folder / "ru" / "test.parquet")
    assert table.column_names == ["id", "audio", "text", "speaker", "language", "duration"]
    row = table.to_pylist()[0]
    samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))
    assert row["duration"] == pytest.approx(len(samples) / rate)


def test_failure_leaves_nothing_behind_and_the_next_run_succeeds(cache, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(synthesis, "_PROGRAM", Path("/nonexistent/espeak.py"))
        with pytest.raises(DataError, match="eSpeak NG"):
            list(SMALL.read("cs"))
    assert list(cache.iterdir()) == []
    assert len(list(SMALL.read("cs"))) == 35


def test_a_crash_of_espeak_is_an_error_of_one_line():
    with synthesis.Synthesizer() as synthesizer:
        synthesizer._child.kill()
        with pytest.raises(DataError, match="failed: exit status -9") as error:
            synthesizer.speak("de", 150, 50, "acht")
    assert "\n" not in str(error.value)


def test_unknown_voice_is_refused():
    with (
        synthesis.Synthesizer() as synthesizer,
        pytest.raises(DataError, match="refuses the voice nowhere"),
    ):
        synthesizer.speak("nowhere", 150, 50, "acht")


def test_espeak_stays_out_of_this_process(german):
    # It is under the GPL, and a crash in it must not end the benchmark.
    assert "espeakng_loader" not in sys.modules


def test_unknown_language_names_those_that_exist():
    with pytest.raises(DataError, match=r"'tlh'.* de, el, en"):
        SMALL.identity("tlh")
    with pytest.raises(DataError, match="did you mean 'pt'"):
        SMALL.identity("pt_br")


def test_identity_is_json_and_holds_all_settings():
    identity = SMALL.identity("de")
    assert json.loads(json.dumps(identity)) == identity
    assert identity["settings"] == {"train": 24, "validation": 3, "test": 8, "seed": 0}
    assert identity != SMALL.identity("en")


def test_settings_of_a_suite_are_checked():
    assert CORPORA.make("synthetic", {"train": 10}) == Synthetic(train=10)
    with pytest.raises(UserError, match="train"):
        CORPORA.make("synthetic", {"train": 0})


def test_a_plan_needs_neither_torch_nor_a_synthesizer():
    code = (
        "import sys; from benchmark.data.corpora.synthetic import Synthetic; "
        "Synthetic().identity('de'); print({'torch', 'num2words'} & set(sys.modules))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "set()", done.stderr


def test_the_documentation_lists_every_language():
    page = (Path(__file__).parents[2] / "docs" / "synthetic.md").read_text(encoding="utf-8")
    listed = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")]
    assert listed[1:] == SMALL.languages()


@pytest.mark.parametrize("harm", ["flip", "truncation", "removal", "removal of the list"])
def test_a_damaged_language_is_made_again_and_says_so(cache, caplog, harm):
    corpus = Synthetic(train=2, validation=1, test=1)
    before = [(row.id, row.audio) for row in corpus.read("nl")]
    (folder,) = cache.iterdir()
    intact = files(folder)
    path = folder / "nl/train.parquet"
    if harm == "flip":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif harm == "truncation":
        path.write_bytes(path.read_bytes()[:-100])
    else:
        (path if harm == "removal" else folder / ".files.json").unlink()
    assert [(row.id, row.audio) for row in corpus.read("nl")] == before
    assert files(folder) == intact
    assert len(caplog.records) == 1 and folder.name in caplog.text
    assert [(row.id, row.audio) for row in corpus.read("nl")] == before
    assert len(caplog.records) == 1

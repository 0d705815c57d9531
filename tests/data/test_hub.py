from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_hub import SHA, LocalHub, serving
from published import row, tone, write_card, write_parquet

from benchmark.data.corpora.hub import Hub
from benchmark.errors import DataError

pytestmark = pytest.mark.usefixtures("own_cache")

REPO = "google/fleurs"


@pytest.fixture
def fleurs(tmp_path: Path) -> Path:
    """The layout of google/fleurs: sentences numbered, recorded several times, no speakers."""
    root = tmp_path / "published"
    for config in ("af_za", "nl_nl"):
        for split, numbers in (("train", (1, 2)), ("validation", (3,)), ("test", (4,))):
            rows = []
            for number in numbers:
                audio = {"bytes": tone(pitch=400 + number), "path": f"{number}.wav"}
                rows.append(
                    {
                        "id": 7,
                        "num_samples": 8000,
                        "path": f"/home/{number}.wav",
                        "audio": audio,
                        "transcription": f"zin {number}",
                        "raw_transcription": f"Zin {number}.",
                        "gender": 1,
                        "lang_id": 9,
                        "language": "Dutch",
                        "lang_group_id": 0,
                    }
                )
            write_parquet(root / config / f"{split}.parquet", rows)
    write_card(root, {config: ["train", "validation", "test"] for config in ("af_za", "nl_nl")})
    return root


@pytest.fixture
def hub(fleurs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with serving(LocalHub(fleurs), monkeypatch) as hub:
        yield hub


def test_reads_fleurs_by_language(hub: LocalHub) -> None:
    read = list(Hub(REPO, columns={"id": "path"}).read("nl"))
    assert [(u.split, u.id, u.text, u.speaker) for u in read] == [
        ("train", "/home/1.wav", "zin 1", None),
        ("train", "/home/2.wav", "zin 2", None),
        ("validation", "/home/3.wav", "zin 3", None),
        ("test", "/home/4.wav", "zin 4", None),
    ]
    assert read[3].audio == tone(pitch=404)


def test_only_the_language_that_is_read_is_downloaded(hub: LocalHub) -> None:
    list(Hub(REPO).read("nl"))
    fetched = {path for path in hub.requests if path.endswith(".parquet")}
    assert {path.split("/")[-2] for path in fetched} == {"nl_nl"}


def test_identity_is_the_commit(hub: LocalHub) -> None:
    assert Hub(REPO).identity("nl") == {
        "repo": REPO,
        "sha": SHA,
        "config": "nl_nl",
        "columns": {},
    }


def test_what_was_read_once_needs_no_network(fleurs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(LocalHub(fleurs), monkeypatch):
        first = list(Hub(REPO).read("nl"))
    assert Hub(REPO).identity("nl")["sha"] == SHA
    assert list(Hub(REPO).read("nl")) == first


def test_everything_lands_in_the_cache_folder(hub: LocalHub, own_cache: Path) -> None:
    list(Hub(REPO).read("nl"))
    assert list((own_cache / "hub").rglob("nl_nl/test.parquet"))


def test_absent_language_lists_the_configs(hub: LocalHub) -> None:
    with pytest.raises(DataError, match="it has: af_za, nl_nl"):
        Hub(REPO).identity("xh")


def test_absent_revision(hub: LocalHub) -> None:
    with pytest.raises(DataError, match="no revision 'v9'"):
        Hub(REPO, revision="v9").identity("nl")


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        ((404, "RepoNotFound"), "no dataset google/fleurs, or it is private"),
        ((401, ""), "no dataset google/fleurs, or it is private"),
        ((403, "GatedRepo"), "accept its terms at .*/datasets/google/fleurs"),
        ((403, ""), "accept its terms at .*/datasets/google/fleurs"),
        ((500, ""), "the Hub answered 500"),
    ],
)
def test_refusal_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: tuple[int, str], message: str
) -> None:
    with (
        serving(LocalHub(tmp_path, refusal), monkeypatch),
        pytest.raises(DataError, match=message) as caught,
    ):
        Hub(REPO).identity("nl")
    assert len(str(caught.value).splitlines()) <= 2


def test_hub_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DataError, match=r"cannot be had from the Hub \(http://127.0.0.1:9\)"):
        Hub(REPO).identity("nl")


def test_download_that_is_refused_after_the_plan(
    fleurs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(LocalHub(fleurs), monkeypatch) as hub:
        Hub(REPO).identity("nl")
        hub.refusal = (403, "GatedRepo")
        with pytest.raises(DataError, match="accept its terms"):
            list(Hub(REPO).read("nl"))


def test_loading_script_is_not_run(fleurs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fleurs / "README.md").unlink()
    (fleurs / "fleurs.py").write_text("raise SystemExit('executed')")
    with (
        serving(LocalHub(fleurs), monkeypatch),
        pytest.raises(DataError, match="no code from the Hub is run here"),
    ):
        Hub(REPO).identity("nl")


def test_repository_without_card_has_a_config_per_folder(
    fleurs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fleurs / "README.md").unlink()
    with serving(LocalHub(fleurs), monkeypatch):
        assert [u.text for u in Hub(REPO).read("nl")] == ["zin 1", "zin 2", "zin 3", "zin 4"]


def test_name_without_owner_is_explained() -> None:
    with pytest.raises(DataError, match="write hub:OWNER/NAME"):
        Hub("fleurs").identity("nl")


def test_card_may_write_data_files_in_every_way(
    fleurs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = """---
configs:
- {config_name: a, data_files: nl_nl/test.parquet}
- {config_name: b, data_dir: nl_nl}
- {config_name: c, data_files: {test: ["nl_nl/te*"]}}
- {config_name: d, data_dir: nl_nl, data_files: [{split: dev, path: "val*"}]}
---
"""
    (fleurs / "README.md").write_text(card)
    with serving(LocalHub(fleurs), monkeypatch):
        read = {c: [(u.split, u.text) for u in Hub(REPO).read(c)] for c in "abcd"}
    assert read["a"] == [("train", "zin 4")]
    assert [split for split, _ in read["b"]] == ["train", "train", "validation", "test"]
    assert read["c"] == [("test", "zin 4")]
    assert read["d"] == [("validation", "zin 3")]


def test_rows_without_id_are_named_by_their_file(hub: LocalHub, fleurs: Path) -> None:
    bare = {k: v for k, v in row(1).items() if k != "id"}
    write_parquet(fleurs / "af_za" / "train.parquet", [bare])
    assert next(Hub(REPO).read("af")).id == "1.wav"


def test_commit_that_was_remembered_without_its_files_stays(hub: LocalHub, own_cache: Path) -> None:
    memory = own_cache / "hub" / "commits" / "google--fleurs@main.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(f'{{"name": "{REPO}", "sha": "{SHA}", "configs": {{"nl_nl": {{}}}}}}')
    assert Hub(REPO).identity("nl")["sha"] == SHA
    assert [path for path in hub.requests if "/revision/" in path] == [f"{hub.api}/revision/{SHA}"]

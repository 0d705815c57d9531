"""Publishing to the Hub, against a local server that speaks its protocol."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import huggingface_hub.constants as hub_constants
import huggingface_hub.utils._http as hub_http
import pytest
import yaml
from published_folders import write_folder

from benchmark.cli import main

SECRET = "hf_secretsecretsecret"
SHA = "0123456789abcdef0123456789abcdef01234567"


class LocalHub:
    """Repositories in memory: create, list, preupload, LFS and commit.

    `refusals` maps a part of a path to the status it is answered with; `drop` is a part of a path
    at which the connection is cut.
    """

    def __init__(self) -> None:
        hub = self
        self.files: dict[str, bytes] = {}
        self.lfs: dict[str, bytes] = {}
        self.created: dict[str, Any] = {}
        self.refusals: dict[str, int] = {}
        self.drop = ""
        self.tokens: set[str | None] = set()
        self.commits = 0

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                if hub.drop and hub.drop in self.path:
                    self.close_connection = True
                    return
                status, answer = hub.answer(self.command, self.path, body, dict(self.headers))
                payload = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PUT = handle_one  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(
        self, command: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, Any]:
        path = path.split("?")[0]
        if path.startswith("/upload/"):
            self.lfs[path.removeprefix("/upload/")] = body
            return 200, {}
        self.tokens.add(headers.get("authorization") or headers.get("Authorization"))
        for part, status in self.refusals.items():
            if part in path:
                return status, {"error": f"refused, {SECRET}"}
        if path == "/api/repos/create":
            self.created = json.loads(body)
            return 200, {"url": self.page}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if "/tree/" in path:
            return 200, [
                {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
                for name, data in self.files.items()
            ]
        if "/preupload/" in path:
            files = json.loads(body)["files"]
            return 200, {"files": [self._mode(file["path"]) for file in files]}
        if path.endswith("/info/lfs/objects/batch"):
            wanted = json.loads(body)["objects"]
            return 200, {"transfer": "basic", "objects": [self._slot(o) for o in wanted]}
        if "/commit/" in path:
            self._commit(body)
            return 200, {"commitUrl": f"{self.page}/commit/{SHA}", "commitOid": SHA}
        return 200, {"id": "owner/board", "sha": SHA, "siblings": []}

    @property
    def page(self) -> str:
        return f"{self.url}/{self.created['type']}s/owner/board"

    def _mode(self, path: str) -> dict[str, Any]:
        mode = "lfs" if path.endswith(".parquet") else "regular"
        return {"path": path, "uploadMode": mode, "shouldIgnore": False}

    def _slot(self, wanted: dict[str, Any]) -> dict[str, Any]:
        action = {"href": f"{self.url}/upload/{wanted['oid']}", "header": {}}
        return {**wanted, "actions": {"upload": action}}

    def _commit(self, body: bytes) -> None:
        files = dict(self.files)
        for line in body.decode().splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.lfs[value["oid"]]
            elif entry["key"] == "deletedFile":
                files.pop(value["path"])
        self.files = files
        self.commits += 1


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    local = LocalHub()
    monkeypatch.setenv("HF_ENDPOINT", local.url)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    # The library reads the address once, when it is imported.
    monkeypatch.setattr(hub_constants, "ENDPOINT", local.url)
    # Attempts are repeated after waits that add up to half a minute.
    monkeypatch.setattr(hub_http, "time", SimpleNamespace(sleep=lambda _: None, time=time.time))
    # Large files go by LFS: the protocol of Xet lives in a compiled client.
    monkeypatch.setattr(hub_constants, "HF_HUB_DISABLE_XET", True)
    thread = Thread(target=local.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield local
    local.server.shutdown()
    local.server.server_close()
    thread.join()


def publish(results: Path, kind: str = "spaces") -> int:
    return main(["publish", str(results), "--to", f"hf://{kind}/owner/board"])


def card(hub: LocalHub) -> dict[str, Any]:
    return dict(yaml.safe_load(hub.files["README.md"].decode().split("---")[1]))


def test_a_space_is_static_and_whole(hub: LocalHub, results: Path) -> None:
    assert publish(results) == 0
    assert hub.created["type"] == "space"
    assert hub.created["sdk"] == "static"
    assert hub.commits == 1
    assert {"index.html", "cell.html", "data/board.js", "leaderboard.json"} <= set(hub.files)
    assert hub.files["leaderboard.parquet"][:4] == b"PAR1"
    assert card(hub)["sdk"] == "static"
    assert card(hub)["app_file"] == "index.html"


def test_publishing_again_removes_what_is_no_longer_there(hub: LocalHub, results: Path) -> None:
    hub.files = {"old.html": b"old", ".gitattributes": b"kept"}
    assert publish(results) == 0
    assert "old.html" not in hub.files
    assert ".gitattributes" in hub.files


def test_the_card_holds_a_model_index_that_the_library_reads(hub: LocalHub, results: Path) -> None:
    from huggingface_hub.repocard_data import model_index_to_eval_results

    assert publish(results, "datasets") == 0
    _, read = model_index_to_eval_results(card(hub)["model-index"])
    assert {(r.dataset_config, r.metric_type) for r in read} == {
        ("nl", "wer"),
        ("hi", "wer"),
        ("ja", "cer"),
    }
    best = [r.metric_value for r in read if r.dataset_config == "nl"]
    assert min(best) == pytest.approx(29.5)


def test_current_evaluation_results_name_the_published_dataset(
    hub: LocalHub, results: Path
) -> None:
    from huggingface_hub import parse_eval_result_entries

    assert publish(results, "datasets") == 0
    files = [name for name in hub.files if name.startswith(".eval_results/")]
    entries = parse_eval_result_entries(yaml.safe_load(hub.files[files[0]]))
    assert {e.dataset_id for e in entries} == {"owner/board"}
    assert {e.task_id for e in entries} == {"nl", "hi", "ja"}
    assert all(e.source_url == f"{hub.url}/datasets/owner/board" for e in entries)


def test_a_hub_corpus_is_named_with_its_commit(hub: LocalHub, tmp_path: Path) -> None:
    from published_folders import settings

    data = settings("joint", "none", "nl", 0)["data"]
    data |= {"name": "hub", "settings": {"repo": "google/fleurs"}}
    results = write_folder(tmp_path / "fleurs", languages=("nl",), data=data)
    provenance = json.loads((results / "provenance.json").read_text())
    provenance["corpora"][0]["identity"] = {"sha": SHA, "config": "nl_nl"}
    (results / "provenance.json").write_text(json.dumps(provenance))
    assert publish(results) == 0
    entry = yaml.safe_load(hub.files[".eval_results/0.yaml"])[0]
    assert entry["dataset"] == {"id": "google/fleurs", "task_id": "nl_nl", "revision": SHA}


@pytest.mark.parametrize(
    ("place", "status", "words"),
    [
        ("/api/", 401, "expired"),
        ("preupload", 403, "may not write"),
        ("objects/batch", 403, "may not write"),
        ("commit", 403, "may not write"),
        ("commit", 500, "answered 500"),
    ],
)
def test_a_refusal_is_explained_and_changes_nothing(
    place: str,
    status: int,
    words: str,
    hub: LocalHub,
    results: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hub.files = {"index.html": b"previous"}
    hub.refusals = {place: status}
    assert publish(results) == 3
    error = capsys.readouterr().err
    assert words in error
    assert "Nothing was published" in error
    assert SECRET not in error
    assert hub.files == {"index.html": b"previous"}


@pytest.mark.parametrize("place", ["repos/create", "/upload/", "commit"])
def test_a_dropped_connection_is_explained_and_changes_nothing(
    place: str, hub: LocalHub, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.files = {"index.html": b"previous"}
    hub.drop = place
    assert publish(results) == 3
    assert "Nothing was published" in capsys.readouterr().err
    assert hub.files == {"index.html": b"previous"}


def test_the_token_is_sent_and_written_nowhere(
    hub: LocalHub, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(results) == 0
    assert hub.tokens == {f"Bearer {SECRET}"}
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err
    assert not [name for name, data in hub.files.items() if SECRET.encode() in data]


def test_without_a_token_nothing_is_asked(
    hub: LocalHub,
    results: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert publish(results) == 2
    assert "HF_TOKEN" in capsys.readouterr().err
    assert not hub.tokens


def test_another_address_is_a_usage_error(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", str(results), "--to", "hf://models/owner/board"]) == 2
    assert "hf://spaces/OWNER/NAME" in capsys.readouterr().err

"""A Hub on this machine that serves the files of a folder, for tests that read from one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest

SHA = "0123456789abcdef0123456789abcdef01234567"


class LocalHub:
    """The part of the Hub's protocol that is used, over the files of a folder.

    `refusal` is a status and an `X-Error-Code` to answer everything with.
    """

    def __init__(
        self,
        root: Path,
        refusal: tuple[int, str] | None = None,
        kind: str = "datasets",
        repo: str = "google/fleurs",
    ) -> None:
        hub = self
        self.root, self.refusal, self.requests = root, refusal, list[str]()
        self.repo, self.api = repo, f"/api/{kind}/{repo}"
        self.files = f"/{repo}" if kind == "models" else f"/{kind}/{repo}"

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.requests.append(unquote(self.path.split("?")[0]))
                status, headers, body = hub.answer(hub.requests[-1])
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if self.refusal:
            status, code = self.refusal
            return status, {"X-Error-Code": code}, b""
        files = sorted(p for p in self.root.rglob("*") if p.is_file())
        names = {file.relative_to(self.root).as_posix(): file for file in files}
        if path in (f"{self.api}/revision/main", f"{self.api}/revision/{SHA}"):
            siblings = [{"rfilename": name} for name in names]
            return 200, {}, json.dumps({"id": self.repo, "sha": SHA, "siblings": siblings}).encode()
        if path == f"{self.api}/tree/{SHA}":
            tree = [
                {"type": "file", "path": name, "size": file.stat().st_size, "oid": _etag(file)}
                for name, file in names.items()
            ]
            return 200, {}, json.dumps(tree).encode()
        if path.startswith(prefix := f"{self.files}/resolve/{SHA}/"):
            file = names.get(path.removeprefix(prefix))
            if file:
                headers = {"ETag": f'"{_etag(file)}"', "X-Repo-Commit": SHA}
                return 200, headers, file.read_bytes()
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": SHA}, b""
        code = "RevisionNotFound" if "/revision/" in path and self.repo in path else "RepoNotFound"
        return 404, {"X-Error-Code": code}, b""


def _etag(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()


@contextmanager
def serving(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{hub.server.server_port}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    thread = Thread(target=hub.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        hub.server.shutdown()
        hub.server.server_close()
        thread.join()

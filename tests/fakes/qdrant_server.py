"""A stand-in for a Qdrant server: its REST interface on loopback, over the vendor's own in-memory mode.

It shows that our requests are well-formed and its answers understood; it does not show what a real server adds
(persistence, its index, its limits). ``faults`` makes it answer otherwise, or not at all.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdrant_client import QdrantClient


class QdrantStandIn:
    """``requests`` lists what was asked; ``key`` is the API key that is asked for, if any."""

    def __init__(self, *, key: str | None = None) -> None:
        from qdrant_client import QdrantClient

        self.client = QdrantClient(":memory:")
        self.requests: list[str] = []
        self.key = key
        self.status: int | None = None
        # Status and headers of the next answers, one each.
        self.faults: list[tuple[int, dict[str, str]]] = []
        # Says of every collection that it is not there, as it was when another writer looked.
        self.blind = False
        self.garbage = False
        # White space after each answer, in bytes.
        self.padding = 0
        self.hang: threading.Event | None = None
        # Local mode may not be used by two threads.
        self._turn = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[str]:
        """The address, while it runs."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                stand_in._serve(self)

            do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the standard library's names

            def log_message(self, *_: Any) -> None:
                """Tests are silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            if self.hang is not None:
                self.hang.set()
            server.shutdown()
            thread.join()
            server.server_close()
            self.client.close()

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers.get("content-length") or 0)) or "{}")
        path = request.path.partition("?")[0]
        self.requests.append(f"{request.command} {path}")
        if self.hang is not None:
            self.hang.wait()
            request.close_connection = True
            return
        fault, headers = self.faults.pop(0) if self.faults else (None, {})
        status, answer = (
            self._answer(request, path, body) if fault is None else (fault, _error("busy, says the server"))
        )
        content = b"<html>not Qdrant</html>" if self.garbage else json.dumps(answer).encode() + b" " * self.padding
        request.send_response(status)
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(content)))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    def _answer(self, request: BaseHTTPRequestHandler, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.key is not None and request.headers.get("api-key") != self.key:
            return 401, {"status": {"error": "Must provide an API key"}, "time": 0.0}
        if self.status is not None:
            return self.status, {"status": {"error": "as told"}, "time": 0.0}
        for method, pattern, act in _ROUTES:
            match = re.fullmatch(pattern, path)
            if method == request.command and match:
                with self._turn:
                    return self._act(act, match.groups(), body)
        return 404, {"status": {"error": "no such path"}, "time": 0.0}

    def _act(self, act: Act, names: tuple[str, ...], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if names and act not in {_exists, _create} and not self.client.collection_exists(names[0]):
            return 404, _error(f"Not found: Collection `{names[0]}`")
        if act is _exists and self.blind:
            return 200, {"result": {"exists": False}, "status": "ok", "time": 0.0}
        if act is _create and self.client.collection_exists(names[0]):
            return 409, _error(f"Wrong input: Collection `{names[0]}` already exists!")
        return 200, {"result": act(self.client, *names, body), "status": "ok", "time": 0.0}


def _error(words: str) -> dict[str, Any]:
    return {"status": {"error": words}, "time": 0.0}


Act = Callable[..., Any]
_ACKNOWLEDGED = {"operation_id": 0, "status": "completed"}


def _list(client: QdrantClient, _: Any) -> Any:
    return client.get_collections().model_dump(mode="json")


def _exists(client: QdrantClient, name: str, _: Any) -> Any:
    return {"exists": client.collection_exists(name)}


def _create(client: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    from qdrant_client import models

    vectors = models.VectorParams(**body["vectors"])
    return client.create_collection(name, vectors_config=vectors, metadata=body.get("metadata"))


def _info(client: QdrantClient, name: str, _: Any) -> Any:
    return client.get_collection(name).model_dump(mode="json")


def _drop(client: QdrantClient, name: str, _: Any) -> Any:
    return client.delete_collection(name)


def _index(_client: QdrantClient, _name: str, _: Any) -> Any:
    return _ACKNOWLEDGED


def _upsert(client: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    from qdrant_client import models

    client.upsert(name, [models.PointStruct(**point) for point in body["points"]])
    return _ACKNOWLEDGED


def _retrieve(client: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    found = client.retrieve(name, body["ids"], with_payload=body["with_payload"], with_vectors=body["with_vector"])
    return [record.model_dump(mode="json") for record in found]


def _query(client: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    from qdrant_client import models

    narrowed = models.Filter(**body["filter"]) if body.get("filter") else None
    found = client.query_points(name, query=body["query"]["nearest"], limit=body["limit"], query_filter=narrowed)
    return found.model_dump(mode="json")


def _count(client: QdrantClient, name: str, _: Any) -> Any:
    return {"count": client.count(name).count}


def _delete(client: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    client.delete(name, points_selector=body["points"])
    return _ACKNOWLEDGED


_NAME = "/collections/([^/]+)"
_ROUTES: list[tuple[str, str, Act]] = [
    ("GET", "/collections", _list),
    ("GET", f"{_NAME}/exists", _exists),
    ("PUT", _NAME, _create),
    ("GET", _NAME, _info),
    ("DELETE", _NAME, _drop),
    ("PUT", f"{_NAME}/index", _index),
    ("PUT", f"{_NAME}/points", _upsert),
    ("POST", f"{_NAME}/points", _retrieve),
    ("POST", f"{_NAME}/points/query", _query),
    ("POST", f"{_NAME}/points/count", _count),
    ("POST", f"{_NAME}/points/delete", _delete),
]

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr
from tests.fakes.site import Exchange, Site, drip, flood

from autointel.app.reachability import graph_server, model_server, page, vector_server
from autointel.settings.fields import Neo4jSettings


class Server(ThreadingHTTPServer):
    """Answers everything with one status, and keeps what it was asked."""

    status = 200
    body = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[tuple[str, str | None, str | None]] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append((self.path, self.headers["authorization"], self.headers["api-key"]))
        self.send_response(server.status)
        self.send_header("content-length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
        """Nothing on stderr."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def nobody() -> str:
    """A port that was free a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


def test_a_model_server_is_asked_for_its_models_with_the_key(server: Server) -> None:
    answer = model_server(f"http://{server.place}/v1/", SecretStr("sk-1"))

    assert answer.ok
    assert answer.place.startswith(f"{server.place}, ")
    assert server.asked == [("/v1/models", "Bearer sk-1", None)]


def test_a_local_server_needs_no_key(server: Server) -> None:
    assert model_server(f"http://{server.place}/v1", None).ok
    assert server.asked == [("/v1/models", None, None)]


def test_a_vector_server_is_asked_for_its_collections_with_the_key(server: Server) -> None:
    server.body = b'{"result": {"collections": []}, "status": "ok"}'

    assert vector_server(f"http://{server.place}", SecretStr("q")).ok
    assert vector_server(f"http://{server.place}", None).ok
    assert server.asked == [("/collections", None, "q"), ("/collections", None, None)]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_names_its_setting(server: Server, status: int) -> None:
    server.status = status

    answer = model_server(f"http://{server.place}", SecretStr("sk-old"))

    assert (answer.ok, answer.verdict, answer.hint) == (False, "refused", "check AUTOINTEL_MODEL__API_KEY")
    assert page(f"http://{server.place}").hint == "it wants a key"


def test_a_server_without_such_a_list_answers_all_the_same(server: Server) -> None:
    server.status = 404

    assert model_server(f"http://{server.place}", None).ok


def test_a_server_that_breaks_down_is_not_in_order(server: Server) -> None:
    server.status = 503

    assert page(f"http://{server.place}").verdict == "answers 503"


def test_where_nobody_listens_there_is_no_answer(nobody: str) -> None:
    assert not page(f"http://{nobody}").ok
    assert not vector_server(f"http://{nobody}", None).ok
    assert not graph_server(Neo4jSettings(uri=f"bolt://{nobody}")).ok


@pytest.mark.parametrize("address", ["http://", "nonsense"])
def test_an_address_that_is_none_is_no_answer(address: str) -> None:
    assert page(address).verdict == "no answer"


def test_a_password_in_an_address_is_not_shown(nobody: str) -> None:
    assert page(f"http://user:secret@{nobody}").place == nobody


def test_a_server_that_is_no_qdrant_is_not_taken_for_one(server: Server) -> None:
    assert vector_server(f"http://{server.place}", None).verdict == "no Qdrant"


def test_a_refused_key_of_the_vector_server_names_its_setting(server: Server) -> None:
    server.status = 401

    assert vector_server(f"http://{server.place}", None).hint == "check AUTOINTEL_QDRANT__API_KEY"


def drip_headers(exchange: Exchange) -> None:
    while not exchange.site.closing.wait(0.1):
        exchange.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.timeout(20)
def test_a_server_that_never_begins_its_answer_is_not_waited_for() -> None:
    with Site({"/models": drip_headers}) as site:
        assert model_server(site.url("/"), None).verdict == "no answer"


@pytest.mark.parametrize("endless", [drip, flood])
def test_an_answer_that_never_ends_is_not_waited_for(endless: Callable[[Exchange], None]) -> None:
    with Site({"/collections": endless, "/models": endless}) as site:
        assert vector_server(site.url("/"), None).verdict == "no Qdrant"
        assert model_server(site.url("/"), None).ok

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from autointel.app.reachability import model_server, page, port, vector_server


class Server(ThreadingHTTPServer):
    """Answers everything with one status, and keeps what it was asked."""

    status = 200

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
        self.send_header("content-length", "0")
        self.end_headers()

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
    assert not port(f"bolt://{nobody}").ok


@pytest.mark.parametrize("address", ["http://", "nonsense"])
def test_an_address_that_is_none_is_no_answer(address: str) -> None:
    assert page(address).verdict == "no answer"


def test_a_password_in_an_address_is_not_shown(nobody: str) -> None:
    assert page(f"http://user:secret@{nobody}").place == nobody


def test_a_port_where_somebody_listens(server: Server) -> None:
    assert port(f"bolt://{server.place}").verdict == "listens"


def test_the_port_of_bolt_is_known() -> None:
    assert port("bolt://127.0.0.1").place == "127.0.0.1:7687"

"""How the failures of a server read. What it does when it works is asked of a real one, in tests/integration."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from neo4j import exceptions

from autointel.adapters.graph.neo4j import Neo4jGraph, is_there_already, translated
from autointel.errors import StoreUnavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port where each connection gets ``answer``."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            # Closing alone does not wake a thread that accepts.
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


async def failing(uri: str, sentence: str, **options: object) -> StoreUnavailable:
    graph = Neo4jGraph(uri, "default", **{"timeout": 0.3, **options})  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable, match=sentence) as raised:
        await graph.count()
    await graph.close()
    assert raised.value.hint
    return raised.value


async def test_a_server_that_is_not_there_is_a_sentence_without_its_password() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    error = await failing(f"bolt://127.0.0.1:{port}", "cannot be reached", user="me", password="pa55")

    assert "AUTOINTEL_NEO4J__URI" in error.hint
    assert "pa55" not in error.message


async def test_a_server_that_hangs_is_given_up_on() -> None:
    done = threading.Event()

    def hang(_: socket.socket) -> None:
        done.wait()

    with listening(hang) as port:
        await failing(f"bolt://127.0.0.1:{port}", "did not answer in time")
        await failing(f"bolt://127.0.0.1:{port}", "did not answer in time", timeout=60, patience=0.2)
        done.set()


async def test_a_server_that_hangs_up_is_a_sentence() -> None:
    with listening(lambda connection: connection.close()) as port:
        await failing(f"bolt://127.0.0.1:{port}", "cannot be reached|did not do")


async def test_the_http_port_is_called_that() -> None:
    def http(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(http) as port:
        error = await failing(f"bolt://127.0.0.1:{port}", "this is its HTTP port")

    assert "7687" in error.hint


async def test_a_server_that_speaks_no_version_of_bolt_is_called_too_old() -> None:
    def old(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"\0\0\0\0")

    with listening(old) as port:
        await failing(f"bolt://127.0.0.1:{port}", "too old, or no Neo4j")


async def test_encryption_that_the_server_does_not_speak_is_named() -> None:
    with listening(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        error = await failing(f"bolt+s://127.0.0.1:{port}", "cannot be reached")

    assert "+s" in error.hint


@pytest.mark.parametrize("uri", ["http://127.0.0.1:7474", "nonsense", "bolt://me:pa55@127.0.0.1:port"])
async def test_an_address_that_is_none_is_a_sentence_without_its_password(uri: str) -> None:
    error = await failing(uri, "cannot be addressed")

    assert "bolt://" in error.hint
    assert "pa55" not in error.message


def test_a_wrong_password_is_a_sentence() -> None:
    refused = exceptions.ClientError._hydrate_neo4j(
        code="Neo.ClientError.Security.Unauthorized", message="unauthorised"
    )

    error = translated("bolt://me:pa55@127.0.0.1:7687", None, refused)

    assert error.message.endswith("does not accept the name or password: unauthorised.")
    assert "pa55" not in error.message
    assert "AUTOINTEL_NEO4J__PASSWORD" in error.hint


def test_a_missing_database_is_named() -> None:
    absent = exceptions.ClientError._hydrate_neo4j(
        code="Neo.ClientError.Database.DatabaseNotFound", message="Graph not found: `nowhere`"
    )

    error = translated("bolt://127.0.0.1:7687", "nowhere", absent)

    assert "has no database nowhere: Graph not found: `nowhere`" in error.message
    assert "AUTOINTEL_NEO4J__DATABASE" in error.hint


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists", True),
        ("Neo.ClientError.Schema.IndexAlreadyExists", True),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", False),
    ],
)
def test_a_constraint_that_another_first_writer_made_is_there(code: str, *, there: bool) -> None:
    error = exceptions.ClientError._hydrate_neo4j(code=code, message="as told")

    assert is_there_already(error) is there

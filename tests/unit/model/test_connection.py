"""The way to the server: who is never asked through a proxy, and what a missing certificate file costs."""

from __future__ import annotations

import asyncio

import pytest
from tests.fakes.client import asking

from autointel.errors import ModelRefused
from autointel.model.endpoint import Endpoint, cause_of, client_to
from autointel_bench.simulated import SimulatedModel

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_server_on_this_machine_is_never_asked_through_a_proxy() -> None:
    with SimulatedModel() as server:
        async with client_to(Endpoint(name="m", base_url=server.base_url, proxy=NOWHERE), 5) as asking_directly:
            assert (await asking_directly.get(f"{server.base_url}/models")).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "[::1]:11434", "127.9.9.9", "models.localhost"])
def test_this_machine_has_many_names(host: str) -> None:
    assert Endpoint(name="m", base_url=f"http://{host}/v1").is_loopback
    assert not Endpoint(name="m", base_url="http://192.168.1.7/v1").is_loopback
    assert Endpoint(name="m", base_url="http://192.168.1.7/v1").is_near
    assert not Endpoint(name="m").is_near


def test_a_proxy_of_the_environment_that_is_not_used_is_named_where_the_server_is_not_reached() -> None:
    endpoint = Endpoint(name="m", ignored_proxies=("ALL_PROXY",))

    cause, hint = cause_of(ConnectionRefusedError(111, "Connection refused"), endpoint)

    assert cause == "nothing listens at that port"
    assert "ALL_PROXY" in hint
    assert "AUTOINTEL_MODEL__PROXY" in hint


async def test_the_environments_proxy_does_not_reach_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "socks://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "::1,fe80::/10,[::1]:80")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")

    async with asking() as it:
        assert (await it.ask()).points


@pytest.mark.parametrize("direct", [True, False])
async def test_a_query_of_the_address_stands_behind_every_request(*, direct: bool) -> None:
    paths: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        paths.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        writer.write(b"HTTP/1.1 401 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        address = f"http://127.0.0.1:{port}/openai/deployments/d?api-version=2024-10-21"
        async with asking(base_url=address, direct=direct) as it:
            with pytest.raises(ModelRefused):
                await it.ask()

    assert paths == ["/openai/deployments/d/chat/completions?api-version=2024-10-21"]


async def test_without_langchain_the_request_is_the_same() -> None:
    async with asking() as usual, asking(direct=True) as direct:
        assert await usual.ask() == await direct.ask()
        (one,), (other,) = usual.server.calls.all, direct.server.calls.all

    compared = ("path", "model", "prompt", "response_format", "streamed", "prompt_tokens", "role", "step")
    assert [getattr(one, name) for name in compared] == [getattr(other, name) for name in compared]

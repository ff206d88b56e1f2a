"""The remote path against a stand-in on loopback: what is asked, and how each failure reads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import anyio
import pytest
from tests.fakes.clock import FakeClock
from tests.fakes.memory import BagOfWords
from tests.fakes.qdrant_server import QdrantStandIn

from autointel.adapters.insertion import InsertionLimits
from autointel.adapters.vectors.qdrant_server import QdrantServerMemory, translated
from autointel.domain.value import content_id
from autointel.errors import NotAllStored, StoreUnavailable
from autointel.ports import Remembered

pytestmark = pytest.mark.anyio
RECORD = Remembered(record_id=content_id("one"), kind="passage", source_id="talk", passage_id="p", text="fares")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server() -> QdrantStandIn:
    return QdrantStandIn()


@pytest.fixture
def url(server: QdrantStandIn) -> Iterator[str]:
    with server.running() as address:
        yield address


async def failing(memory: QdrantServerMemory, sentence: str) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable, match=sentence) as raised:
        await memory.count()
    await memory.close()
    assert raised.value.hint
    return raised.value


async def test_it_asks_for_what_it_needs_and_looks_at_the_collection_once(server: QdrantStandIn, url: str) -> None:
    memory = QdrantServerMemory(url, "default", BagOfWords())
    await memory.count()
    await memory.remember([RECORD])
    await memory.close()

    name = f"/collections/{memory.collection}"
    assert server.requests == [
        f"GET {name}/exists",
        "GET /collections",
        f"PUT {name}",
        f"PUT {name}/index",
        f"PUT {name}/index",
        f"POST {name}/points/count",
        f"PUT {name}/points",
    ]


async def test_the_key_is_sent(server: QdrantStandIn, url: str) -> None:
    server.key = "secret"
    memory = QdrantServerMemory(url, "default", BagOfWords(), api_key="secret")

    assert await memory.count() == 0
    await memory.close()


async def test_a_wrong_key_is_a_sentence_without_the_key(server: QdrantStandIn, url: str) -> None:
    server.key = "secret"

    error = await failing(QdrantServerMemory(url, "default", BagOfWords(), api_key="wr0ng"), "does not accept the key")

    assert "AUTOINTEL_QDRANT__API_KEY" in error.hint
    assert "wr0ng" not in error.message + error.hint


async def test_a_server_that_is_not_there_is_a_sentence_without_its_password() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    error = await failing(
        QdrantServerMemory(f"http://me:pa55@127.0.0.1:{port}", "default", BagOfWords()), "refused the connection"
    )

    assert "pa55" not in error.message
    assert "AUTOINTEL_QDRANT__URL" in error.hint


async def test_a_server_that_hangs_is_given_up_on(server: QdrantStandIn, url: str) -> None:
    server.hang = threading.Event()

    await failing(QdrantServerMemory(url, "default", BagOfWords(), timeout=0.1), "did not answer in 0.1 s")


async def test_a_server_that_hangs_up_is_a_sentence(server: QdrantStandIn, url: str) -> None:
    server.hang = threading.Event()
    server.hang.set()

    await failing(QdrantServerMemory(url, "default", BagOfWords()), "broke off the connection")


async def test_an_answer_without_an_end_is_broken_off(server: QdrantStandIn, url: str) -> None:
    server.padding = 17_000_000

    await failing(QdrantServerMemory(url, "default", BagOfWords()), r"not Qdrant's \(EndlessReply\)")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (500, "answered with status 500: as told"),
        (429, r"asks for fewer requests \(429\): as told"),
        (403, r"does not accept the key \(403\): as told"),
        (413, "takes no request of that size: as told"),
    ],
)
async def test_each_refusal_has_its_sentence_with_the_servers_words(
    server: QdrantStandIn, url: str, status: int, sentence: str
) -> None:
    server.status = status

    await failing(QdrantServerMemory(url, "default", BagOfWords(), sleep=FakeClock().clock.sleep), sentence)


async def test_a_refusal_whose_words_are_nested_without_end_is_a_refusal_without_words() -> None:
    from httpx import Headers
    from qdrant_client.http.exceptions import UnexpectedResponse

    error = translated("http://127.0.0.1:9", 1.0, UnexpectedResponse(500, "Bad", b"[" * 200_000, Headers()))

    assert error.message == "The memory server at http://127.0.0.1:9 answered with status 500."


async def test_a_collection_that_another_first_writer_made_is_there(server: QdrantStandIn, url: str) -> None:
    first, second = (QdrantServerMemory(url, "default", BagOfWords()) for _ in range(2))
    await first.remember([RECORD])
    server.blind = True
    await second.remember([RECORD])

    assert await second.count() == 1
    await first.close()
    await second.close()


async def test_a_request_that_fails_in_passing_is_repeated_after_the_wait_that_is_asked_for(
    server: QdrantStandIn, url: str
) -> None:
    time = FakeClock()
    memory = QdrantServerMemory(url, "default", BagOfWords(), sleep=time.clock.sleep)
    await memory.count()
    server.faults = [(429, {"retry-after": "7"}), (503, {}), (409, {})]

    await memory.remember([RECORD])
    server.faults = [(502, {})]

    assert await memory.count() == 1
    assert time.waits == [7.0, 0.25, 0.5, 0.25]
    await memory.close()


async def test_a_ping_makes_nothing(server: QdrantStandIn, url: str) -> None:
    memory = QdrantServerMemory(url, "default", BagOfWords())
    await memory.ping()
    await memory.close()

    assert server.requests == ["GET /collections"]


async def test_records_that_a_server_refuses_are_named(server: QdrantStandIn, url: str) -> None:
    memory = QdrantServerMemory(url, "default", BagOfWords(), limits=InsertionLimits(batch_size=1, max_concurrent=1))
    await memory.count()
    server.faults = [(400, {})]
    other = RECORD.model_copy(update={"record_id": content_id("two")})

    with pytest.raises(NotAllStored, match="busy, says the server") as raised:
        await memory.remember([RECORD, other])

    assert raised.value.lost == {RECORD.record_id}
    assert await memory.missing([RECORD.record_id, other.record_id]) == {RECORD.record_id}
    await memory.close()


async def test_something_else_at_the_address_is_a_sentence(server: QdrantStandIn, url: str) -> None:
    server.garbage = True

    await failing(QdrantServerMemory(url, "default", BagOfWords()), "not Qdrant's")


async def test_a_memory_by_another_embedder_is_refused_and_rebuilt_when_told_to(url: str) -> None:
    first = QdrantServerMemory(url, "default", BagOfWords())
    await first.remember([RECORD])
    await first.close()
    other = BagOfWords(dimension=32)

    error = await failing(QdrantServerMemory(url, "default", other), "another embedder")
    rebuilt = QdrantServerMemory(url, "default", other, rebuild=True)
    await rebuilt.remember([RECORD])

    assert "autointel reindex" in error.hint
    assert await rebuilt.drop_others() == [first.collection]
    assert await rebuilt.drop_others() == []
    await rebuilt.close()


async def test_a_collection_of_the_wrong_dimension_is_refused_and_rebuilt_when_told_to(
    server: QdrantStandIn, url: str
) -> None:
    from qdrant_client import models

    wrong = models.VectorParams(size=3, distance=models.Distance.COSINE)
    memory = QdrantServerMemory(url, "default", BagOfWords())
    server.client.create_collection(memory.collection, vectors_config=wrong)

    error = await failing(memory, "vectors of 3 numbers")
    rebuilt = QdrantServerMemory(url, "default", BagOfWords(), rebuild=True)
    await rebuilt.remember([RECORD])

    assert "autointel reindex" in error.hint
    assert await rebuilt.count() == 1
    await rebuilt.close()


async def test_a_collection_deleted_half_way_is_made_anew_and_everything_is_missing(
    server: QdrantStandIn, url: str
) -> None:
    memory = QdrantServerMemory(url, "default", BagOfWords())
    await memory.remember([RECORD])
    server.client.delete_collection(memory.collection)

    assert await memory.missing([RECORD.record_id]) == {RECORD.record_id}
    await memory.remember([RECORD])
    assert await memory.count() == 1
    await memory.close()


async def test_what_is_forgotten_is_missing_again(url: str) -> None:
    memory = QdrantServerMemory(url, "default", BagOfWords())
    await memory.remember([RECORD])

    await memory.forget([RECORD.record_id])

    assert await memory.missing([RECORD.record_id]) == {RECORD.record_id}
    await memory.close()


async def test_many_at_once_make_the_collection_once(server: QdrantStandIn, url: str) -> None:
    memory = QdrantServerMemory(url, "default", BagOfWords())
    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(memory.remember, [RECORD])

    assert server.requests.count(f"PUT /collections/{memory.collection}") == 1
    assert await memory.count() == 1
    await memory.close()


@pytest.mark.parametrize("payload", [{"kind": "passage"}, {"kind": "passage", "record_id": "another"}])
async def test_a_point_that_is_none_of_ours_is_an_answer_that_is_none(
    server: QdrantStandIn, url: str, payload: dict[str, str]
) -> None:
    memory = QdrantServerMemory(url, "default", BagOfWords())
    await memory.remember([RECORD])
    server.client.overwrite_payload(memory.collection, payload, points=[RECORD.record_id])

    with pytest.raises(StoreUnavailable, match="not Qdrant's"):
        await memory.nearest("fares", 3, kind="passage")
    await memory.close()

"""Whether a server answers, asked once and for two seconds at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from time import perf_counter
from typing import Final, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from autointel.errors import StoreUnavailable
from autointel.settings.fields import Neo4jSettings

_PATIENCE: Final = 2.0  # seconds
_BODY_BY: Final = 1.5  # seconds from the question
_ENOUGH: Final = 65_536  # bytes
OPENAI: Final = "https://api.openai.com/v1"
_REFUSED: Final = (401, 403)
_SERVER_ERROR: Final = 500
_T = TypeVar("_T")


def in_time(ask: Callable[[], _T]) -> _T:
    """What ``ask`` returns or raises. Raises TimeoutError after two seconds in all: a client waits for each byte anew.

    The thread of a question without an answer ends with the process.
    """
    answer: Future[_T] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001  raised where the answer is awaited
            answer.set_exception(error)

    Thread(target=run, name="doctor's question", daemon=True).start()
    return answer.result(_PATIENCE)


@dataclass(frozen=True)
class Answer:
    """``place`` is host and port, with the time it took where it answered."""

    place: str
    verdict: str = "ok"
    ok: bool = True
    hint: str = ""


def model_server(base_url: str | None, key: SecretStr | None) -> Answer:
    """Asks a model server for its list of models: free of charge, and it shows whether the key is accepted."""
    return _list_of_models(base_url or OPENAI, key, "AUTOINTEL_MODEL__API_KEY")


def speech_server(base_url: str, key: SecretStr | None) -> Answer:
    """Asks a speech server for its list of models, which most have and which costs nothing."""
    return _list_of_models(base_url, key, "AUTOINTEL_SPEECH__API_KEY")


def _list_of_models(base_url: str, key: SecretStr | None, key_setting: str) -> Answer:
    headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    return page(base_url.rstrip("/") + "/models", headers, key_setting=key_setting)


def vector_server(url: str, key: SecretStr | None) -> Answer:
    """Asks for a list of collections, which only Qdrant has in this form."""
    headers = {"api-key": key.get_secret_value()} if key else {}
    return page(url.rstrip("/") + "/collections", headers, "AUTOINTEL_QDRANT__API_KEY", holding=b'"collections"')


def page(url: str, headers: Mapping[str, str] | None = None, key_setting: str = "", *, holding: bytes = b"") -> Answer:
    """Anything but a refusal or a breakdown counts as an answer; one that lacks ``holding`` is not Qdrant's."""
    import httpx

    from autointel.model.uncompressed import PLAINLY

    place, began = _place(url), perf_counter()

    def ask() -> tuple[int, bool]:
        # Like the stores themselves, without the environment's proxies.
        asked = {**PLAINLY, **(headers or {})}
        with httpx.stream("GET", url, headers=asked, timeout=_PATIENCE, trust_env=False) as answer:
            return answer.status_code, not holding or holding in _beginning(answer.iter_raw(), began + _BODY_BY)

    try:
        status, is_right = in_time(ask)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return Answer(place, "no answer", ok=False, hint="is it running, and is the address right?")
    if status in _REFUSED:
        return Answer(place, "refused", ok=False, hint=f"check {key_setting}" if key_setting else "it wants a key")
    if status >= _SERVER_ERROR:
        return Answer(place, f"answers {status}", ok=False, hint="its own log says why")
    if not is_right:
        return Answer(place, "no Qdrant", ok=False, hint="check AUTOINTEL_QDRANT__URL")
    return Answer(f"{place}, {(perf_counter() - began) * 1000:.0f} ms")


def _beginning(pieces: Iterator[bytes], until: float) -> bytes:
    """What comes of an answer by then, 64 kB at most: some never end."""
    read = b""
    for piece in pieces:
        read += piece
        if len(read) > _ENOUGH or perf_counter() > until:
            break
    return read


def graph_server(settings: Neo4jSettings) -> Answer:
    """Signs in and asks the database for a number; takes 2 s at most, and makes nothing."""
    import anyio

    from autointel.adapters.graph.neo4j import Neo4jGraph

    password = settings.password.get_secret_value() if settings.password else None
    place = _place(settings.uri or "")
    graph = Neo4jGraph(
        settings.uri or "",
        "default",
        user=settings.user,
        password=password,
        database=settings.database,
        timeout=_PATIENCE,
    )
    began = perf_counter()
    try:
        anyio.run(graph.ping)
    except StoreUnavailable as error:
        return Answer(place, error.message, ok=False, hint=error.hint)
    return Answer(f"{place}, {(perf_counter() - began) * 1000:.0f} ms")


def _place(address: str) -> str:
    return urlsplit(address).netloc.rpartition("@")[2]

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from autointel.adapters.speech.faster_whisper import FasterWhisper
from autointel.adapters.speech.openai_compatible import OpenAICompatibleSpeech
from autointel.app.run_context import NetworkAccess
from autointel.app.sources import OutOfReach, Pace, recogniser_of, source_of
from autointel.domain.run import Options
from autointel.errors import ModelUnavailable, SourceBlocked
from autointel.settings import Settings


def settings(**groups: Any) -> Settings:
    return Settings.model_validate(groups)


def own(outside: NetworkAccess, host: str, port: int) -> bool:
    return outside.rule.is_own(host, port)


def test_a_search_server_on_this_machine_may_be_asked_without_being_allow_listed() -> None:
    local = settings(evidence={"searxng_url": "http://localhost:8888"})

    assert own(NetworkAccess(local), "localhost", 8888)
    assert own(NetworkAccess(local, offline=True), "localhost", 8888)
    assert not own(NetworkAccess(settings()), "localhost", 8888)


def test_a_search_server_elsewhere_is_not_asked_offline() -> None:
    remote = settings(evidence={"searxng_url": "http://search.test:8888"})

    assert own(NetworkAccess(remote), "search.test", 8888)
    assert not own(NetworkAccess(remote, offline=True), "search.test", 8888)


def test_a_proxy_is_the_users_own_and_leads_nowhere_offline() -> None:
    proxy = "socks5://127.0.0.1:9050"

    assert own(NetworkAccess(settings(), proxy=proxy), "127.0.0.1", 9050)
    assert not own(NetworkAccess(settings(), proxy=proxy, offline=True), "127.0.0.1", 9050)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://127.0.0.1:9000/v1", True),
        ("http://localhost/v1", True),
        ("https://own.test/v1", True),
        ("https://api.test/v1", False),
    ],
)
def test_offline_only_this_machine_and_what_is_allow_listed_is_asked(address: str, asked: bool) -> None:  # noqa: FBT001
    listed = settings(fetch={"allow_hosts": ("own.test:443",)})

    assert NetworkAccess(listed, offline=True).may_ask(address) is asked
    assert NetworkAccess(listed).may_ask(address)


def test_what_was_never_opened_can_be_closed() -> None:
    anyio.run(NetworkAccess(settings()).close)


def test_a_server_listens_where_one_is_set_and_this_machine_else() -> None:
    server = settings(speech={"base_url": "http://own.test/v1", "api_key": "k"})

    assert isinstance(hearing(server), OpenAICompatibleSpeech)
    assert isinstance(hearing(settings()), FasterWhisper)


def test_without_server_and_extra_nobody_listens() -> None:
    given = settings()

    assert recogniser_of(given, NetworkAccess(given), offline=False, on_progress=print, found=lambda _: None) is None


def test_a_server_elsewhere_is_not_asked_offline(tmp_path: Path) -> None:
    recogniser = hearing(settings(speech={"base_url": "http://own.test/v1"}), offline=True)

    assert isinstance(recogniser, OutOfReach)
    with pytest.raises(ModelUnavailable, match="this run is offline"):
        anyio.run(recogniser.recognise, tmp_path, None)


@pytest.mark.parametrize("offline", [False, True])
def test_a_model_that_listens_here_is_not_fetched_offline(*, offline: bool) -> None:
    assert hearing(settings(), offline=offline)._offline is offline


@pytest.mark.parametrize(("offline", "asked"), [(False, 2), (True, 1)])
def test_turns_that_workers_share_elsewhere_are_not_asked_for_offline(*, offline: bool, asked: int) -> None:
    shared = settings(fetch={"host_requests_per_minute": 6}, queue={"limits_url": "redis://store.invalid"})

    assert len(NetworkAccess(shared, offline=offline)._turns()) == asked


def hearing(given: Settings, *, offline: bool = False) -> Any:
    return recogniser_of(given, NetworkAccess(given, offline=offline), offline=offline, on_progress=lambda _: None)


def test_the_pace_is_told_in_minutes_and_times_as_fast() -> None:
    said: list[str] = []
    clock = iter([100.0, 160.0])

    Pace(said.append, lambda: next(clock))(600.0)

    assert said == ["Listening: 10.0 min heard, 10.0 times as fast as they were spoken."]


def test_a_video_of_a_strangers_page_leads_to_no_host_of_the_users_own() -> None:
    """What yt-dlp asks for on the way is named by that page: playlists, streams, captions."""
    network = NetworkAccess(settings(fetch={"allow_hosts": ["files.home:8080"]}))

    of_a_stranger = network.rule_of_page("https://talks.example/watch")
    of_the_user = network.rule_of_page("http://files.home:8080/watch")

    assert not of_a_stranger.is_own("files.home", 8080)
    with pytest.raises(SourceBlocked, match="host of your own"):
        of_a_stranger.check_name("files.home", 8080)
    assert of_the_user.is_own("files.home", 8080)


def test_a_video_site_is_under_the_runs_rule() -> None:
    options = Options(source="https://www.youtube.com/watch?v=a1B2c3D4e5F", offline=True)
    outside = NetworkAccess(settings(), offline=True)

    async def look() -> None:
        try:
            await source_of(options, outside, None).fetch(options.source, None)
        finally:
            await outside.close()

    with pytest.raises(SourceBlocked, match="this run is offline"):
        anyio.run(look)

"""What was typed after ``run``, ``batch`` and ``watch`` becomes a request in one place and is typed again there."""

from __future__ import annotations

from dataclasses import fields
from inspect import signature
from pathlib import Path

from autointel.cli.request import Request, request_from, typed
from autointel.cli.run import run
from autointel.domain.run import Acquisition

_NOT_OF_ONE_SOURCE = {"from_list", "sample", "jobs", "limit", "debug"}
_SWITCHED_OFF = {"no_memory", "no_graph", "no_fact_check", "no_cache", "no_color"}


def test_every_option_of_run_is_in_the_request_under_its_own_name() -> None:
    known = {field.name for field in fields(Request)} | set(Acquisition.model_fields)
    taken = {name.removeprefix("no_") if name in _SWITCHED_OFF else name for name in signature(run).parameters}

    assert taken - _NOT_OF_ONE_SOURCE <= known
    assert known - taken == {"acquisition"}


def test_what_was_typed_is_in_the_request_and_the_rest_has_its_default() -> None:
    given = {"engine": "local", "no_memory": True, "no_color": False, "episode": "2", "jobs": 3}

    request = request_from(given, source="talk.vtt", out=Path("briefing"))

    assert request == Request(
        "talk.vtt", engine="local", memory=False, out=Path("briefing"), acquisition=Acquisition(episode="2")
    )


def test_a_request_is_typed_again_with_all_that_differs_from_the_default() -> None:
    words = typed(request_from({"no_graph": True, "proxy": "http://p:1", "offline": True}, source="-odd.vtt"))

    assert {"--no-graph", "--proxy=http://p:1", "--offline"} <= set(words)
    assert words[-1] == "-odd.vtt"

"""With tools on offer the simulated model calls the first, as often as it is told to, and then answers."""

from __future__ import annotations

import json
from typing import Any

from autointel_bench.simulated.calls import Call
from autointel_bench.simulated.profile import Profile
from autointel_bench.simulated.protocol import completion
from autointel_bench.simulated.reply import Said, say

SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}
FETCH = {"type": "function", "function": {"name": "fetch"}}
TALK = "The tram in Tallinn is free. Ridership rose slowly there. The council pays for all of it. Nobody was asked."


def asked(task: str, *tools: dict[str, Any], answered: bool = False) -> tuple[Said, Call]:
    messages = [
        {"role": "system", "content": "You are a Fact-checker."},
        {"role": "user", "content": f"{task}\n{TALK}"},
    ]
    if answered:
        messages.append({"role": "tool", "content": "A page."})
    call = Call(index=0, path="", role="", step="")
    return say({"messages": messages, "tools": list(tools)}, call, Profile()), call


def test_a_tool_is_called_once_for_each_that_the_task_names() -> None:
    said, _ = asked("Search once for each of the 3 claims.", SEARCH)

    assert [call.name for call in said.calls] == ["search"] * 3
    assert len({call.arguments for call in said.calls}) == 3
    assert all(json.loads(call.arguments)["query"] for call in said.calls)
    assert (said.text, said.finish) == ("", "tool_calls")


def test_a_tool_that_takes_nothing_is_called_once() -> None:
    said, _ = asked("Bring the words, once for each of the 3 of us.", FETCH)

    assert [(call.name, call.arguments) for call in said.calls] == [("fetch", "{}")]


def test_once_a_tool_has_answered_there_are_words() -> None:
    said, _ = asked("Search.", SEARCH, answered=True)

    assert said.calls == ()
    assert said.text


def test_without_tools_there_are_words() -> None:
    assert asked("Search.")[0].calls == ()
    assert asked("Search.", {"type": "other"})[0].calls == ()


def test_a_call_counts_as_something_said_and_is_written_as_openai_writes_it() -> None:
    said, call = asked("Search.", SEARCH)

    message = completion(call, said, with_usage=False)["choices"][0]["message"]
    (tool_call,) = message["tool_calls"]
    assert message["content"] is None
    assert tool_call["type"] == "function"
    assert tool_call["id"].startswith("call_simulated_")
    assert tool_call["function"]["name"] == "search"
    assert said.spoken.startswith("search {")

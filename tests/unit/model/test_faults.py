"""What real servers and models do, as their users report it, each served by the simulated model on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import pytest
from tests.fakes.client import TALK, DictCache, asking

from autointel.domain.run import StepName
from autointel.errors import ModelRefused, ModelUnavailable, PromptTooLong
from autointel.model.completion import LOOP, Completion, NotOpenAI, read_completion
from autointel_bench.simulated import Fault, FaultKind, Profile
from autointel_bench.simulated.calls import Call

pytestmark = pytest.mark.anyio

ALWAYS = None


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def failing(kind: FaultKind, count: int | None = ALWAYS, **about: Any) -> Profile:
    return Profile(faults=(Fault(kind, count=count, **about),))


def answering(status: int, message: str, /, count: int | None = ALWAYS, headers: Any = None, **error: Any) -> Profile:
    body = {"error": {"message": message, **error}}
    return failing(FaultKind.ANSWER, count, status=status, body=body, headers=headers or {})


def with_schema(call: Call) -> bool:
    return call.response_format == "json_schema"


# What the model writes


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: f'They want points, such as {{"points": [ … </think>\n{text}',
        lambda text: f"<think>Let me see {{</think>{text}",
        lambda text: text[:-1] + ",}",
        lambda text: text.replace("Ridership", "Ridership\n"),
        lambda text: f"```json\n{text}\n```",
        lambda text: f"[{text}]",
        lambda text: json.dumps(json.loads(text)["points"]),
        lambda text: json.dumps({"type": "object", "properties": json.loads(text)}),
        lambda text: text.replace('"points"', '"Points"'),
    ],
)
async def test_a_reply_with_small_faults_is_read_at_once(rewrite: Callable[[str], str]) -> None:
    async with asking(failing(FaultKind.REWRITTEN, rewrite=rewrite)) as it:
        reply = await it.ask()

        assert len(reply.points) == 3
        assert len(it.server.calls) == 1


def _chunk(finish: str | None = None, **delta: Any) -> str:
    return f"data: {json.dumps({'choices': [{'delta': delta, 'finish_reason': finish}]})}"


POINT = json.dumps({"points": [{"text": "Ridership rose.", "quote": "Ridership rose by 14 percent in a year."}]})
OTHER = {"index": 1, "delta": {"content": '{"points": [{"text": "No'}}
CALLED = {"content": "", "function_call": {"name": "Points", "arguments": POINT}}


@pytest.mark.parametrize(
    "body",
    [
        f"{_chunk(content=POINT)}\r\r{_chunk('stop')}\r\rdata: [DONE]\r\r",
        f"{_chunk(content=POINT)}\n\n",
        json.dumps({"choices": [{"message": CALLED, "finish_reason": "function_call"}]}),
        f"data: {json.dumps({'choices': [{'message': CALLED}]}, indent=1)}".replace("\n", "\r\ndata: ") + "\r\n\r\n",
        f"\ufeff{_chunk(content=POINT)}\n\n",
        f"{_chunk(content=POINT)}\n{_chunk('stop')}\n".replace("data: ", ""),
        json.dumps({"choices": [{"message": {"content": None, "parsed": json.loads(POINT)}}]}),
        f"data: {json.dumps({'choices': [OTHER, {'index': 0, 'delta': {'content': POINT}}, OTHER]})}\n\n",
    ],
    ids=[
        "lines that end as a typewriter's do",
        "no finish and no end",
        "a function called",
        "an event over several lines",
        "a byte order mark",
        "lines of JSON",
        "parsed by the server",
        "two replies side by side",
    ],
)
async def test_a_whole_reply_in_an_old_form_is_the_reply(body: str) -> None:
    async with asking(failing(FaultKind.ANSWER, 1, body=body)) as it:
        assert [point.text for point in (await it.ask()).points] == ["Ridership rose."]


async def test_a_connection_that_ends_right_after_the_reply_costs_no_second_call() -> None:
    asked = 0
    event = f"{_chunk('stop', content=POINT)}\n\n".encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    async def cut_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(cut_off, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with asking(base_url=f"http://127.0.0.1:{port}/v1") as it:
            assert [point.text for point in (await it.ask()).points] == ["Ridership rose."]

    assert asked == 1


async def test_lines_of_a_stream_that_are_no_event_are_given_up() -> None:
    async with asking(failing(FaultKind.ANSWER, body="data: {half\ndata: }\n\ndata: [DONE]\n\n")) as it:
        with pytest.raises(ModelUnavailable, match="no OpenAI reply"):
            await it.ask()
    async with asking(failing(FaultKind.ANSWER, body="data: {\n" * 2_000)) as it:
        with pytest.raises(ModelUnavailable, match="no OpenAI reply"):
            await it.ask()


@pytest.mark.parametrize("finish", ["SAFETY", "RECITATION", "refusal", "content_filter"])
async def test_a_reply_that_a_filter_took_away_is_a_refusal_by_whatever_name(finish: str) -> None:
    body = json.dumps({"choices": [{"message": {"content": ""}, "finish_reason": finish}]})
    async with asking(failing(FaultKind.ANSWER, body=body)) as it:
        with pytest.raises(ModelUnavailable, match="refused to answer"):
            await it.ask()

        assert len(it.server.calls) == 1


async def test_a_reply_said_to_be_compressed_that_is_not_is_asked_for_again() -> None:
    async with asking(failing(FaultKind.ANSWER, 1, body="{}", headers={"content-encoding": "gzip"})) as it:
        assert (await it.ask()).points


async def test_a_template_that_wants_turns_gets_no_system_message_though_the_server_calls_it_its_own_fault() -> None:
    async with asking(answering(500, "Conversation roles must alternate user/assistant/user/", 1)) as it:
        assert (await it.ask()).points

        assert it.time.waits == []


@pytest.mark.parametrize(
    ("status", "message", "about"),
    [
        (400, "The input token count (40000) exceeds the maximum number of tokens allowed.", "INVALID_ARGUMENT"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "invalid_request_error"),
        (422, "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000", "validation"),
    ],
)
async def test_a_prompt_that_is_too_long_is_no_bad_key(status: int, message: str, about: str) -> None:
    async with asking(answering(status, message, type=about)) as it:
        with pytest.raises(PromptTooLong):
            await it.ask()


async def test_json_filed_under_reasoning_is_the_reply() -> None:
    async with asking(failing(FaultKind.THOUGHT)) as it:
        assert len((await it.ask()).points) == 3
        assert len(it.server.calls) == 1


async def test_a_reply_used_up_by_reasoning_gets_more_room_and_then_a_hint_that_helps() -> None:
    async with asking(failing(FaultKind.REASONED_AWAY)) as it:
        with pytest.raises(ModelUnavailable, match="spent its whole reply on reasoning") as error:
            await it.ask()

        assert "reasoning off" in error.value.hint
        assert len(it.server.calls) == 2


@pytest.mark.parametrize("kind", [FaultKind.ENDLESS_SPACE, FaultKind.ENDLESS_ITEM])
async def test_a_reply_that_never_ends_is_ended_and_keeps_what_is_whole(kind: FaultKind) -> None:
    cache = DictCache()
    async with asking(failing(kind), cache=cache) as it:
        reply = await it.ask()

        assert reply.points[0].quote in TALK
        assert len(reply.points) <= 2
        assert cache.kept == {}


async def _without_end(chunk: Callable[[int], bytes]) -> AsyncIterator[bytes]:
    for number in count():
        yield chunk(number)


@pytest.mark.parametrize(
    "chunk", [b"x" * 100_000, b" " * 1_000, b"data: " + b"x" * 100_000], ids=["body", "space", "line"]
)
async def test_an_answer_that_never_ends_is_given_up_and_not_held(chunk: bytes) -> None:
    with pytest.raises(NotOpenAI):
        await read_completion(_without_end(lambda _: chunk), {}, Completion(1_000))


@pytest.mark.parametrize("name", ["content", "reasoning_content", "refusal"])
async def test_words_of_any_kind_that_never_end_are_cut(name: str) -> None:
    into = Completion(100_000)

    def event(number: int) -> bytes:
        words = "".join(f" {number}w{each}" for each in range(300))
        return f"data: {json.dumps({'choices': [{'delta': {name: words}}]})}\n\n".encode()

    await read_completion(_without_end(event), {}, into)

    assert into.finish == LOOP
    assert len(into.text) + len(into.refusal) < 500_000


async def test_a_reply_is_waited_for_while_comments_say_that_it_is_coming() -> None:
    async with asking(failing(FaultKind.ALIVE), timeout=0.2) as it:
        await it.ask()
        assert (await it.ask("A second text, no longer the first.")).points

        assert len(it.server.calls) == 2


async def test_an_empty_reply_is_an_answer_that_no_other_run_is_given() -> None:
    cache = DictCache()
    async with asking(failing(FaultKind.REWRITTEN, rewrite=lambda _: "[]"), cache=cache) as it:
        assert (await it.ask()).points == []
        assert cache.kept == {}


@pytest.mark.parametrize(
    "usage",
    [
        {"total_tokens": 77},
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": "many", "completion_tokens": [1]},
        "unknown",
    ],
)
async def test_usage_that_cannot_be_believed_is_estimated(usage: Any) -> None:
    async with asking(failing(FaultKind.USAGE, body=usage)) as it:
        await it.ask()

        spent = it.client.spent(StepName.READ)
        assert spent.estimated
        assert spent.prompt_tokens > 50
        assert spent.completion_tokens > 20


@pytest.mark.parametrize(
    "about",
    [
        {"usage": {"input_tokens": 251, "output_tokens": 80}},
        {"x_groq": {"usage": {"prompt_tokens": 251, "completion_tokens": 80}}},
    ],
    ids=["Anthropic's names", "Groq's place"],
)
async def test_usage_is_read_where_and_as_each_server_writes_it(about: dict[str, Any]) -> None:
    body = json.dumps({"choices": [{"message": {"content": POINT}, "finish_reason": "stop"}], **about})
    async with asking(failing(FaultKind.ANSWER, body=body)) as it:
        await it.ask()

        spent = it.client.spent(StepName.READ)
        assert (spent.prompt_tokens, spent.completion_tokens) == (251, 80)
        assert not spent.estimated


async def test_usage_in_floats_and_strings_is_counted() -> None:
    async with asking(failing(FaultKind.USAGE, body={"prompt_tokens": 251.0, "completion_tokens": "80"})) as it:
        await it.ask()

        spent = it.client.spent(StepName.READ)
        assert (spent.prompt_tokens, spent.completion_tokens) == (251, 80)
        assert not spent.estimated


# Parameters that a server does not take


async def test_a_server_without_a_system_role_is_told_the_same_by_the_user() -> None:
    async with asking(Profile(rejects=frozenset({"system"}))) as it:
        await it.ask()
        await it.ask("A second text about something else.")

        assert len(it.server.calls) == 3
        assert "Take notes." in it.server.calls.all[-1].prompt


async def test_a_server_without_json_mode_keeps_its_schemas_after_a_bad_reply() -> None:
    bad = Fault(FaultKind.SCHEMA_VIOLATION, count=1)
    async with asking(Profile(faults=(bad,), rejects=frozenset({"json_object"}))) as it:
        await it.ask()
        await it.ask("A second text about something else.")

        formats = [call.response_format for call in it.server.calls.all]
        assert formats[-1] == "json_schema"
        assert len(formats) <= 4


@pytest.mark.parametrize("status", [400, 500])
async def test_a_schema_that_cannot_be_compiled_is_put_in_words(status: int) -> None:
    profile = failing(
        FaultKind.ANSWER, when=with_schema, status=status, body={"error": {"message": "failed to parse grammar"}}
    )
    async with asking(profile) as it:
        assert (await it.ask()).points

        assert [call.response_format for call in it.server.calls.all] == ["json_schema", "json_object"]


async def test_where_no_part_is_named_the_schema_goes_first() -> None:
    message = "No endpoints found that can handle the requested parameters."
    body = {"error": {"message": message, "code": 404}}
    async with asking(failing(FaultKind.ANSWER, when=with_schema, status=404, body=body)) as it:
        await it.ask()

        assert [call.response_format for call in it.server.calls.all] == ["json_schema", "json_object"]


async def test_a_concession_to_a_passing_fault_does_not_last() -> None:
    passing = Fault(FaultKind.ANSWER, count=1, status=500, body={"error": {"message": "grammar worker restarted"}})
    async with asking(Profile(faults=(passing,))) as it:
        await it.ask()
        await it.ask("A second text about something else.")

        assert it.server.calls.all[-1].response_format == "json_schema"


async def test_a_validation_that_passes_at_the_next_try_is_tried_again() -> None:
    async with asking(answering(400, "Failed to validate JSON.", 1, code="json_validate_failed")) as it:
        assert (await it.ask()).points

        assert len(it.server.calls) == 2


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_server_that_takes_no_limit_for_a_reply_is_asked_without_one(name: str) -> None:
    both = frozenset({"max_tokens", name})
    async with asking(Profile(rejects=both)) as it:
        assert (await it.ask()).points

        assert len(it.server.calls) <= 3


# Answers of 200 that are none, and servers that are not ready


async def test_a_200_with_a_passing_error_inside_is_waited_for() -> None:
    body = {"choices": None, "error": {"code": 429, "message": "Provider returned error"}}
    async with asking(failing(FaultKind.ANSWER, 1, body=body)) as it:
        assert (await it.ask()).points

        assert len(it.time.waits) == 1


async def test_an_empty_list_of_choices_is_asked_again_in_the_same_form() -> None:
    async with asking(failing(FaultKind.ANSWER, 2, body={"choices": None})) as it:
        await it.ask()

        assert [call.response_format for call in it.server.calls.all] == ["json_schema"] * 3


async def test_a_model_that_is_loading_is_waited_for_and_said_to_be() -> None:
    loading = answering(503, "Loading model", 20, type="unavailable_error", code=503)
    async with asking(loading) as it:
        assert (await it.ask()).points

        assert len(it.server.calls) == 21
        assert it.told == [f"{it.client.endpoint.host} is still loading simulated: Loading model."]


async def test_a_model_that_never_ends_loading_is_given_up() -> None:
    async with asking(answering(503, "Loading model")) as it:
        with pytest.raises(ModelUnavailable, match="still loading simulated"):
            await it.ask()

        assert 500 < sum(it.time.waits) <= 600


# Limits, quota, keys, length


@pytest.mark.parametrize(
    ("status", "message", "about"),
    [
        (402, "Insufficient Balance", {}),
        (402, "This request requires more credits, or fewer max_tokens.", {"code": 402}),
        (429, "You exceeded your current quota", {"code": "insufficient_quota"}),
        (400, "API key not valid. Please pass a valid API key.", {"status": "INVALID_ARGUMENT"}),
        (403, "Your account may not use this model", {}),
    ],
)
async def test_a_key_or_credit_that_does_not_hold_is_final_and_in_the_servers_words(
    status: int, message: str, about: dict[str, Any]
) -> None:
    async with asking(answering(status, message, **about)) as it:
        with pytest.raises(ModelRefused, match=message.rstrip(".")):
            await it.ask()
        with pytest.raises(ModelRefused):
            await it.ask("A second text about something else.")

        assert len(it.server.calls) == 1


async def test_a_body_that_is_a_list_is_read() -> None:
    body = [{"error": {"code": 400, "message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}}]
    async with asking(failing(FaultKind.ANSWER, status=400, body=body)) as it:
        with pytest.raises(ModelRefused, match="API key not valid"):
            await it.ask()


@pytest.mark.parametrize(
    ("message", "headers", "about", "wait"),
    [
        ("Rate limit reached. Please try again in 20.5s.", {}, {}, 20.5),
        ("Rate limit reached. Please try again in 1m3s.", {"retry-after-ms": "900"}, {}, 0.9),
        ("Slow down", {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6.5s"}, {}, 6.5),
        ("Slow down", {"x-ratelimit-reset-requests": "12"}, {}, 12),
        ("Quota", {}, {"details": [{"@type": "RetryInfo", "retryDelay": "34s"}]}, 34),
        ("You exceeded your current quota, see billing. Please retry in 7s.", {}, {"status": "RESOURCE_EXHAUSTED"}, 7),
    ],
)
async def test_a_wait_is_read_wherever_it_is_stated(
    message: str, headers: dict[str, str], about: dict[str, Any], wait: float
) -> None:
    async with asking(answering(429, message, 1, headers, **about)) as it:
        assert (await it.ask()).points

        assert it.time.waits == [wait]


async def test_a_days_quota_says_until_when() -> None:
    message = "Rate limit reached for m on tokens per day (TPD): Limit 100000. Please try again in 9m39s."
    async with asking(answering(429, message, headers={"retry-after": "579"})) as it:
        with pytest.raises(ModelUnavailable, match=r"day's quota .* until 2027-01-15 08:09 UTC") as error:
            await it.ask()

        assert "Resume the run then" in error.value.hint
        assert len(it.server.calls) == 1


async def test_a_request_too_large_for_the_plan_names_the_plans_limit() -> None:
    message = "Request too large for model m on tokens per minute (TPM): Limit 6000, Requested 9013"
    async with asking(answering(413, message, code="rate_limit_exceeded")) as it:
        with pytest.raises(PromptTooLong, match=r"plan at .* allows: .*Limit 6000, Requested 9013"):
            await it.ask()


async def test_a_content_filter_is_named_and_not_argued_with() -> None:
    message = "The response was filtered due to the prompt triggering the content management policy."
    async with asking(answering(400, message, code="content_filter")) as it:
        with pytest.raises(ModelUnavailable, match="content management policy") as error:
            await it.ask()

        assert "will not help" in error.value.hint
        assert len(it.server.calls) == 1


async def test_a_long_reason_is_told_whole() -> None:
    reason = " ".join(f"reason {number}" for number in range(50))
    async with asking(answering(400, reason)) as it:
        with pytest.raises(ModelUnavailable, match="reason 49"):
            await it.ask()


async def test_a_prompt_that_the_server_cut_in_silence_is_noticed() -> None:
    cut = failing(FaultKind.USAGE, body={"prompt_tokens": 512, "completion_tokens": 80})
    async with asking(cut) as it:
        with pytest.raises(PromptTooLong, match="read only 512 of some"):
            await it.ask("The buses of the city have been free for years now. " * 200)


async def test_a_server_that_speaks_plain_http_where_tls_is_expected_is_told_apart() -> None:
    async with asking() as it:
        async with asking(base_url=it.server.base_url.replace("http:", "https:"), max_attempts=1) as lost:
            with pytest.raises(ModelUnavailable, match="does not speak TLS there") as error:
                await lost.ask()

        assert it.server.base_url in error.value.hint


async def test_a_name_that_does_not_exist_is_said_not_to() -> None:
    async with asking(base_url="http://no-such-host.invalid/v1", max_attempts=1) as it:
        with pytest.raises(ModelUnavailable, match="DNS"):
            await it.ask()

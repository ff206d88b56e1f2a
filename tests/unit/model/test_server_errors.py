"""Errors as real servers and go-betweens word them: what is asked again, what is final, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes.client import asking

from autointel.errors import AutointelError, ModelRefused, ModelUnavailable, PromptTooLong
from autointel_bench.simulated import Fault, FaultKind, Profile

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def answering(status: int, body: Any, count: int | None = None, headers: Any = None) -> Profile:
    return Profile(faults=(Fault(FaultKind.ANSWER, count=count, status=status, body=body, headers=headers or {}),))


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def vllm(message: str, code: int = 400) -> dict[str, Any]:
    return {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": code}


def gemini(code: int, message: str, status: str, *details: Any) -> list[Any]:
    return [{"error": {"code": code, "message": message, "status": status, "details": list(details)}}]


QUOTA = "You exceeded your current quota, please check your plan and billing details."
A_DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
A_MINUTE = {"violations": [{"quotaId": "GenerateContentInputTokensPerModelPerMinute-FreeTier"}]}

PASSING = {
    "Anthropic, overloaded": (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    "OpenAI, overloaded with a 400": (400, error("Our servers are currently overloaded. Please try again later.")),
    "Azure, a wait in the text": (429, error("exceeded token rate limit. Please retry after 26 seconds.", code="429")),
    "Cloudflare, a page": (524, "<html><title>524: A timeout occurred</title></html>"),
    "Envoy, plain text": (502, "upstream connect error or disconnect/reset before headers."),
    "Ollama, a full queue": (503, error("server busy, please try again.  maximum pending requests exceeded")),
    "LM Studio, between two models": (400, {"error": "Model unloaded."}),
    "llama.cpp, no slot": (503, error("no slot available", code=503, type="unavailable_error")),
    "LiteLLM, a cool-down": (
        429,
        error("No deployments available, Try again in 5 seconds. Passed model=x.", code="429"),
    ),
    "Groq, a tier without room": (498, error("Flex tier capacity exceeded. Please try again later.")),
    "Together, not ready": (503, error("The server is overloaded or not ready yet.", type="service_unavailable")),
    "Mistral, a tier without room": (429, vllm("Service tier capacity exceeded for this model.", 3505)),
    "Gemini, a minute's quota": (429, gemini(429, QUOTA, "RESOURCE_EXHAUSTED", A_MINUTE, {"retryDelay": "7s"})),
    "Gemini, JSON as its message": (429, error(json.dumps(error("Resource has been exhausted.", code=429)), code=429)),
    "Gemini, overloaded": (503, gemini(503, "The model is overloaded.", "UNAVAILABLE")),
    "Bedrock, a bare message": (429, {"message": "Too many requests, please wait before trying again."}),
    "TGI, overloaded": (429, {"error": "Model is overloaded", "error_type": "overloaded"}),
    "OpenRouter, inside of a 200": (200, error("Provider returned error", code=429, metadata={"raw": "rate-limited"})),
    "vLLM, inside of a stream": (200, f"data: {json.dumps(vllm('EngineCore died', 500))}\n\ndata: [DONE]\n\n"),
    "OpenRouter, in the middle of a stream": (
        200,
        (
            'data: {"choices": [{"delta": {"content": "{\\"points\\": ["}}]}\n\n'
            'data: {"error": {"code": 502, "message": "Upstream closed"}, '
            '"choices": [{"delta": {"content": ""}, "finish_reason": "error"}]}\n\n'
        ),
    ),
    "SGLang, aborted": (
        200,
        'data: {"choices": [{"delta": {"content": "{\\"points\\": []}"}, "finish_reason": "abort"}]}\n\n',
    ),
    "a proxy's empty 204": (204, ""),
}


@pytest.mark.parametrize(("status", "body"), PASSING.values(), ids=PASSING.keys())
async def test_what_passes_is_asked_again(status: int, body: Any) -> None:
    async with asking(answering(status, body, 1)) as it:
        assert len((await it.ask()).points) == 3
        assert len(it.server.calls) == 2


CONCEDED = {
    "vLLM, prompt and reply together": (
        vllm(
            "maximum context length is 4096 tokens. You requested 5000 (2000 in the messages, 3000 in the completion)"
        ),
        {"max_tokens": None},
    ),
    "Together, prompt and reply together": (
        error("`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 5000 `inputs` tokens"),
        {"max_tokens": None},
    ),
    "vLLM, the place of what is not permitted": (
        {
            "detail": [
                {"loc": ["body", "response_format", "json_schema", "strict"], "msg": "Extra inputs are not permitted"}
            ]
        },
        {"schema": False},
    ),
    "Mistral, a complaint inside of a message": (
        {
            "object": "error",
            "message": {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]},
        },
        {"streams": False},
    ),
    "LiteLLM, a parameter": (
        error("litellm.UnsupportedParamsError: bedrock does not support parameters: ['response_format']"),
        {"schema": False},
    ),
    "OpenAI, a limit by its other name, of a type that says invalid": (
        error(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.",
            type="invalid_request_error",
            param="max_tokens",
            code="unsupported_parameter",
        ),
        {"max_tokens": "max_completion_tokens"},
    ),
    "Anthropic, prompt and reply together": (
        error("input length and `max_tokens` exceed context limit: 1 + 2 > 2", type="invalid_request_error"),
        {"max_tokens": None},
    ),
    "DeepSeek, a type": (error("This response_format type is unavailable now"), {"schema": False}),
    "OpenAI, an organisation not verified": (
        error("Your organization must be verified to stream this model.", param="stream", code="unsupported_value"),
        {"streams": False},
    ),
    "Mistral, roles": (vllm("After the optional system message, conversation roles must alternate"), {"system": False}),
}


@pytest.mark.parametrize(("body", "form"), CONCEDED.values(), ids=CONCEDED.keys())
async def test_a_part_that_is_not_taken_is_left_out(body: Any, form: dict[str, Any]) -> None:
    async with asking(answering(422 if "detail" in json.dumps(body) else 400, body, 1)) as it:
        assert len((await it.ask()).points) == 3

        used = it.client.form
        parts = {"max_tokens": used.max_tokens, "streams": used.streams, "system": used.system}
        assert {**parts, "schema": not used.refused}.items() >= form.items()
        assert len(it.server.calls) == 2


FINAL = {
    "OpenAI, a country": (
        403,
        error("Country, region, or territory not supported"),
        ModelRefused,
        "not serve this place",
        "provider",
    ),
    "Gemini, a country": (
        400,
        gemini(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"),
        ModelRefused,
        "not serve this place",
        "country",
    ),
    "OpenAI, a project": (
        403,
        error("Project `p` does not have access to model `m`", code="model_not_found"),
        ModelRefused,
        "refuses access",
        "may use simulated",
    ),
    "a firewall's page": (
        403,
        "<html><title>Just a moment...</title></html>",
        ModelRefused,
        "Just a moment",
        "this network",
    ),
    "LiteLLM, a budget": (
        400,
        error("Budget has been exceeded! Current cost: 26.075, Max budget: 0.25", type="budget_exceeded"),
        ModelRefused,
        "used up: Budget",
        "credit",
    ),
    "LiteLLM, an expired key": (
        400,
        error("Authentication Error - Expired Key.", type="expired_key"),
        ModelRefused,
        "refuses the key",
        "API_KEY",
    ),
    "MiniMax, credit inside of a 200": (
        200,
        {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}},
        ModelRefused,
        "insufficient balance",
        "credit",
    ),
    "OpenAI, no chat model": (
        404,
        error("This is not a chat model and thus not supported in the v1/chat/completions endpoint."),
        ModelUnavailable,
        "is no chat model",
        "NAME",
    ),
    "Ollama, no chat model": (
        400,
        error('"nomic-embed-text" does not support chat'),
        ModelUnavailable,
        "is no chat model",
        "NAME",
    ),
    "Ollama, no such model": (
        404,
        error('model "simulated" not found, try pulling it first'),
        ModelUnavailable,
        "knows no model",
        "NAME",
    ),
    "Groq, a retired model": (
        400,
        error("The model `simulated` has been decommissioned.", code="model_decommissioned"),
        ModelUnavailable,
        "knows no model",
        "NAME",
    ),
    "LiteLLM, no such model": (
        400,
        error("{'error': '/chat/completions: Invalid model name passed in model=simulated.'}"),
        ModelUnavailable,
        "knows no model",
        "NAME",
    ),
    "Ollama, memory": (
        500,
        error("model requires more system memory (12.5 GiB) than is available (7.6 GiB)"),
        ModelUnavailable,
        "too little memory",
        "smaller",
    ),
    "LM Studio, nothing loaded": (
        404,
        error("No models loaded. Please load a model in the developer page.", code="model_not_found"),
        ModelUnavailable,
        "no model loaded",
        "Load a model",
    ),
    "LM Studio, a wrong address": (
        200,
        {"error": "Unexpected endpoint or method. (POST /chat/completions). Returning 200 anyway"},
        ModelUnavailable,
        "no chat completions at that address",
        "/v1",
    ),
    "a web server, a wrong address": (
        404,
        "<html><title>404 Not Found</title><h1>404 Not Found</h1></html>",
        ModelUnavailable,
        "no chat completions at that address",
        "/v1",
    ),
    "FastAPI, a wrong method": (
        405,
        {"detail": "Method Not Allowed"},
        ModelUnavailable,
        "no chat completions at that address",
        "/v1",
    ),
    "OpenRouter, a policy": (
        404,
        error("No endpoints found matching your data policy."),
        ModelUnavailable,
        "data policy",
        "NAME",
    ),
    "vLLM, a long prompt": (
        400,
        vllm("The decoder prompt (length 9000) is longer than the maximum model length of 4096."),
        PromptTooLong,
        "4096 of 9000 tokens",
        "longer context",
    ),
    "llama.cpp, a long prompt": (
        400,
        error("request (9012 tokens) exceeds the available context size (4096 tokens)", n_ctx=4096),
        PromptTooLong,
        "4096 of 9012 tokens",
        "longer context",
    ),
    "LM Studio, a long prompt": (
        400,
        {"error": "Cannot keep the first 5000 tokens: the model's context length is only 4096 tokens"},
        PromptTooLong,
        "4096 of 5000 tokens",
        "longer context",
    ),
    "nginx, a long request": (
        413,
        "<html><h1>413 Request Entity Too Large</h1></html>",
        PromptTooLong,
        "can read\\.",
        "longer context",
    ),
    "Gemini, a day's quota": (
        429,
        gemini(429, f"{QUOTA} Please retry in 37.5s.", "RESOURCE_EXHAUSTED", A_DAY, {"retryDelay": "37s"}),
        ModelUnavailable,
        "The day's quota",
        "another model",
    ),
    "DashScope, arrears": (
        400,
        error("Access denied, please make sure your account is in good standing.", code="Arrearage"),
        ModelRefused,
        "used up: Access denied",
        "Add credit",
    ),
    "DashScope, a filter": (
        400,
        error("Input data may contain inappropriate content.", code="data_inspection_failed"),
        ModelUnavailable,
        "content filter",
        "Another model",
    ),
    "HF, a model of no provider": (
        400,
        error("The requested model 'simulated' is not supported by any provider you have enabled."),
        ModelUnavailable,
        "knows no model",
        "MODEL__NAME",
    ),
    "Fireworks, suspended": (
        412,
        error("Account a is suspended, possibly due to reaching the monthly spending limit."),
        ModelRefused,
        "used up: Account a is suspended",
        "Add credit",
    ),
    "Groq, terms": (
        400,
        error("The model `simulated` requires terms acceptance. Please have the org admin accept the terms."),
        ModelUnavailable,
        "wants its terms accepted",
        "resume the run",
    ),
    "llama.cpp, started for embeddings": (
        501,
        error("This server does not support completions. Start it without `--embeddings`", code=501),
        ModelUnavailable,
        "without `--embeddings`",
        "a chat model",
    ),
    "LM Studio, resources": (
        400,
        {"error": "Model loading aborted due to insufficient system resources."},
        ModelUnavailable,
        "too little memory",
        "smaller model",
    ),
    "OpenAI, a question in its reason": (
        400,
        error("Did you mean something else?"),
        ModelUnavailable,
        "something else\\.",
        "one small question",
    ),
}


@pytest.mark.parametrize(("status", "body", "kind", "said", "hint"), FINAL.values(), ids=FINAL.keys())
async def test_what_no_other_try_changes_is_asked_once_and_named(
    status: int, body: Any, kind: type[AutointelError], said: str, hint: str
) -> None:
    async with asking(answering(status, body)) as it:
        with pytest.raises(kind, match=said) as raised:
            await it.ask()

        assert hint in raised.value.hint
        assert len(it.server.calls) == 1


async def test_a_key_that_the_server_repeats_is_not_repeated() -> None:
    async with asking(answering(401, error("Incorrect API key provided: no secret. Get one elsewhere."))) as it:
        with pytest.raises(ModelRefused) as raised:
            await it.ask()

    assert "no secret" not in raised.value.message
    assert "Incorrect API key provided: ********" in raised.value.message


async def test_a_redirect_is_named_and_not_followed_with_the_key() -> None:
    async with asking(answering(301, "Moved", headers={"location": "https://elsewhere.example/v1"})) as it:
        with pytest.raises(ModelUnavailable, match=r"elsewhere \(301\) to https://elsewhere.example/v1"):
            await it.ask()


async def test_a_long_wait_says_until_when_whatever_the_error() -> None:
    async with asking(answering(503, error("maintenance"), headers={"retry-after": "3600"})) as it:
        with pytest.raises(ModelUnavailable, match=r"maintenance. It asks to wait until \d{4}-"):
            await it.ask()

        assert len(it.server.calls) == 1


async def test_a_page_where_a_reply_is_wanted_is_shown_without_its_tags() -> None:
    async with asking(answering(200, "<!doctype html><html><title>Open WebUI</title></html>")) as it:
        with pytest.raises(ModelUnavailable, match=r"no OpenAI reply \(Open WebUI\)"):
            await it.ask()


REPLIES: dict[str, Callable[[str], str]] = {
    "JSON as a JSON text": json.dumps,
    "an item a line": lambda text: "\n".join(json.dumps(point) for point in json.loads(text)["points"]),
    "escaped for HTML": lambda text: text.replace('"', "&quot;"),
    "a call of a tool": lambda text: f'<tool_call>{{"name": "Points", "arguments": {text}}}</tool_call>',
    "a call with its arguments as text": lambda text: json.dumps({"name": "Points", "arguments": text}),
    "a thought in brackets": lambda text: f'[THINK]They want {{"points": [ maybe[/THINK]{text}',
    "a thought in a space of names": lambda text: f'<seed:think>They want {{"points": [ maybe</seed:think>{text}',
    "a thought by another name": lambda text: f'<reasoning>They want {{"points": [ maybe</reasoning>\n{text}',
    "a call in a list": lambda text: f'[TOOL_CALLS][{{"name": "Points", "arguments": {text}}}]',
    "marks of a template": lambda text: f"<|start_header_id|>assistant<|end_header_id|>\n\n{text}<|eot_id|>",
    "items as JSON texts": lambda text: json.dumps({"points": list(map(json.dumps, json.loads(text)["points"]))}),
    "under a name of its own, as text": lambda text: json.dumps({"thoughts": "They want points.", "answer": text}),
    "full-width signs": lambda text: text.replace('": ', '"：').replace("}, ", "}，"),
    "a channel with its form": lambda text: (
        '<|channel|>analysis<|message|>{"points": [<|end|><|start|>assistant'
        f"<|channel|>final <|constrain|>json<|message|>{text}<|return|>"
    ),
    "channels": lambda text: (
        '<|channel|>analysis<|message|>{"points": [<|end|><|start|>assistant'
        f"<|channel|>final<|message|>{text}<|return|>"
    ),
    "the next turn too": lambda text: f"{text}<|im_end|>\n<|im_start|>user\nmore",
    "the reply twice": lambda text: f"{text}\n{text}",
}


@pytest.mark.parametrize("rewrite", REPLIES.values(), ids=REPLIES.keys())
async def test_a_reply_in_an_odd_wrapping_is_read_at_once(rewrite: Callable[[str], str]) -> None:
    async with asking(Profile(faults=(Fault(FaultKind.REWRITTEN, count=None, rewrite=rewrite),))) as it:
        assert len((await it.ask()).points) == 3
        assert len(it.server.calls) == 1


async def test_a_model_that_calls_a_tool_which_it_was_not_given_is_understood() -> None:
    pieces = ('{"points": [{"text": "Ridership rose', ' by 14 percent.", "quote": "Ridership rose by 14 percent"}]}')
    events: list[Any] = [
        {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": piece}}]}}]} for piece in pieces
    ]
    events.append({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})
    stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events)

    async with asking(answering(200, stream)) as it:
        assert (await it.ask()).points[0].text == "Ridership rose by 14 percent."

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from functools import partial

import anyio
import anyio.abc
import pytest
from anyio.abc import SocketStream
from tests.fakes.client import TALK, DictCache, Points, asking

from autointel.domain.run import StepName
from autointel.errors import BudgetSpent, HomeUnusable, ModelRefused, ModelUnavailable
from autointel.model.client import ModelClient
from autointel.model.endpoint import Endpoint
from autointel.model.limits import Price, Prices
from autointel.model.prompts import RULE
from autointel_bench.simulated import Fault, FaultKind, Profile

pytestmark = pytest.mark.anyio

PRICES = Prices(
    as_of=date(2026, 1, 1), models={name: Price(input=1, output=10) for name in ("simulated", "simulated-small")}
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_every_prompt_carries_the_rule_about_untrusted_text() -> None:
    async with asking() as it:
        await it.ask()
        await it.client.answer([{"role": "user", "content": "Hello to you."}], None, role="x", step=StepName.BRIEF)

        assert all(RULE in call.prompt for call in it.server.calls.all)


async def test_a_reply_in_words_is_handed_over_as_it_came() -> None:
    async with asking() as it:
        messages = [{"role": "user", "content": "The buses are free."}]
        answer = await it.client.answer(messages, None, role="x", step=StepName.BRIEF)

        assert (answer.text, answer.value) == ("The buses are free.", None)


async def test_identical_questions_in_flight_share_one_call() -> None:
    async with asking(Profile(latency=0.05)) as it:
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(it.ask)

        assert len(it.server.calls) == 1
        assert (it.client.usage.model_calls, it.client.usage.cached_calls) == (1, 4)


async def test_an_error_is_shared_too_and_not_repeated_by_each() -> None:
    errors: list[str] = []

    async with asking(Profile(latency=0.05, context_tokens=10)) as it:

        async def failing() -> None:
            with pytest.raises(ModelUnavailable) as error:
                await it.ask()
            errors.append(error.value.message)

        async with anyio.create_task_group() as group:
            group.start_soon(failing)
            group.start_soon(failing)

        assert len(it.server.calls) == 1
        assert errors[0] == errors[1]


async def test_no_more_calls_are_under_way_than_allowed() -> None:
    async with asking(Profile(latency=0.05), max_concurrent_calls=3) as it:
        async with anyio.create_task_group() as group:
            for i in range(9):
                group.start_soon(it.ask, f"Text number {i} of nine.")

        assert it.server.calls.at_once == 3
        assert len(it.server.calls) == 9


async def test_calls_a_minute_are_limited_for_the_run_as_a_whole() -> None:
    async with asking(requests_per_minute=2) as it:
        for i in range(5):
            await it.ask(f"Text number {i} of five.")

        assert sum(it.time.waits) == pytest.approx(120)
        assert it.client.spent(StepName.READ).queue_seconds == pytest.approx(120)


async def test_a_reply_is_kept_and_not_paid_for_twice() -> None:
    cache = DictCache()
    async with asking(cache=cache) as first:
        paid = await first.ask()
        same_server = first.server.base_url
        async with asking(cache=cache, base_url=same_server) as second:
            kept = await second.ask()

            assert kept == paid
            assert second.client.usage.model_calls == 0
            assert second.client.usage.cached_calls == 1
            assert second.client.simulated, "a kept reply of a simulated model is still simulated"
        assert len(first.server.calls) == 1


async def test_a_streamed_reply_is_kept_too() -> None:
    cache = DictCache()
    async with asking(cache=cache) as it:
        streamed = await it.stream()
        again = await it.stream()

        assert again == streamed
        assert len(it.server.calls) == 1


async def test_another_server_model_or_text_is_another_question() -> None:
    cache = DictCache()
    async with asking(cache=cache, read_name="simulated-small") as it:
        await it.ask()
        await it.ask(smaller=True)
        await it.ask("Another text altogether, with another point.")
        async with asking(cache=cache) as elsewhere:
            await elsewhere.ask()

        assert len(cache.kept) == 4


@pytest.mark.parametrize("kept", ["not json", "{}", json.dumps({"text": "{}", "model": "m", "simulated": False}), "[]"])
async def test_what_another_version_kept_is_asked_again(kept: str) -> None:
    cache = DictCache()
    async with asking(cache=cache) as it:
        await it.ask()
        cache.kept = dict.fromkeys(cache.kept, kept)

        assert (await it.ask()).points
        assert len(it.server.calls) == 2


async def test_a_cache_that_fails_loses_no_reply() -> None:
    class FullDisk(DictCache):
        def get(self, key: str) -> str | None:
            raise HomeUnusable(key)

        def put(self, key: str, value: str, ttl: float) -> None:
            raise HomeUnusable(f"{key} {value} {ttl}")

    async with asking(cache=FullDisk()) as it:
        assert (await it.ask()).points


async def test_what_does_not_fit_is_not_kept() -> None:
    cache = DictCache()
    async with asking(Profile(faults=(Fault(FaultKind.SCHEMA_VIOLATION, count=None),)), cache=cache) as it:
        with pytest.raises(ModelUnavailable):
            await it.ask()

        assert cache.kept == {}


async def test_tokens_and_dollars_are_booked_to_the_step_that_asked() -> None:
    async with asking(prices=PRICES) as it:
        await it.ask(step=StepName.READ)
        await it.ask("Something else to be judged.", step=StepName.FACT_CHECK)

        read, check = it.client.spent(StepName.READ), it.client.spent(StepName.FACT_CHECK)
        first = it.server.calls.all[0]
        assert (read.prompt_tokens, read.completion_tokens) == (first.prompt_tokens, first.completion_tokens)
        assert read.usd == pytest.approx((first.prompt_tokens + 10 * first.completion_tokens) / 1e6)
        assert it.client.usage.usd == pytest.approx((read.usd or 0) + (check.usd or 0))
        assert it.client.spent(StepName.BRIEF).calls == 0


async def test_a_price_that_is_unknown_is_shown_as_unknown() -> None:
    async with asking() as it:
        assert it.client.usage.usd == 0
        await it.ask()

        assert it.client.usage.usd is None


async def test_a_call_that_could_exceed_the_budget_is_not_made() -> None:
    async with asking(prices=PRICES, max_usd=0.0111) as it:
        await it.ask()
        with pytest.raises(BudgetSpent, match=r"\$0\.0111 allowed"):
            await it.ask("A second text, which would be too dear.")

        assert len(it.server.calls) == 1


async def test_calls_side_by_side_do_not_overdraw_together() -> None:
    async with asking(Profile(latency=0.05), prices=PRICES, max_usd=0.025) as it:
        failed: list[BudgetSpent] = []

        async def one(i: int) -> None:
            try:
                await it.ask(f"Text number {i} of six.")
            except BudgetSpent as error:
                failed.append(error)

        async with anyio.create_task_group() as group:
            for i in range(6):
                group.start_soon(one, i)

        assert it.server.calls.at_once == 2
        assert len(failed) == 4


async def test_a_limit_in_dollars_without_a_price_is_refused() -> None:
    async with asking(max_usd=1) as it:
        with pytest.raises(BudgetSpent, match="price of simulated is unknown"):
            await it.ask()

        assert len(it.server.calls) == 0


async def test_the_smaller_model_reads_where_there_is_one() -> None:
    async with asking(read_name="simulated-small") as it:
        await it.ask(smaller=True)
        await it.ask(smaller=False)

        assert [call.model for call in it.server.calls.all] == ["simulated-small", "simulated"]


async def test_items_are_shown_one_by_one_before_the_reply_is_complete() -> None:
    async with asking(Profile(tokens_per_second=50)) as it:
        shown = anyio.Event()
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(partial(it.stream, show=lambda _: shown.set()))
                await shown.wait()

                assert it.server.calls.all[0].ended is None, "the server is still writing"
                scope.cancel()


async def test_streamed_and_whole_replies_are_the_same() -> None:
    async with asking() as it:
        streamed = await it.stream()
        whole = await it.client.ask("Writer", "Take notes.", it.server.calls.all[0].prompt, Points, step=StepName.BRIEF)

        assert len(streamed) == len(whole.points)
        assert all(point.quote in TALK for point in streamed)


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.GARBAGE, FaultKind.SCHEMA_VIOLATION, FaultKind.SERVER_ERROR])
async def test_a_stream_that_breaks_off_is_completed_without_repeating_itself(kind: FaultKind) -> None:
    async with asking() as undisturbed:
        expected = await undisturbed.stream()

    async with asking(Profile(faults=(Fault(kind),))) as it:
        points = await it.stream()

        assert points == expected
        assert len(it.server.calls) == 2


async def test_a_server_that_does_not_stream_is_asked_for_the_whole_from_then_on() -> None:
    async with asking(Profile(rejects=frozenset({"stream"}))) as it:
        assert await it.stream()
        await it.stream("A second text, of which there is less.")

        assert [call.streamed for call in it.server.calls.all] == [True, False, False]


async def test_a_stream_fails_like_any_other_question() -> None:
    async with asking(Profile(faults=(Fault(FaultKind.REVOKED_KEY),))) as it:
        with pytest.raises(ModelRefused):
            await it.stream()

    async with asking(Profile(faults=(Fault(FaultKind.REFUSAL, count=None),))) as it:
        with pytest.raises(ModelUnavailable, match="refused"):
            await it.stream()


async def test_who_stops_listening_gives_the_place_back() -> None:
    async with asking(Profile(tokens_per_second=400), max_concurrent_calls=1) as it:
        shown = anyio.Event()
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(partial(it.stream, show=lambda _: shown.set()))
                await shown.wait()
                scope.cancel()

        assert (await it.ask()).points


async def test_a_second_loop_in_the_same_process_has_connections_of_its_own() -> None:
    def elsewhere() -> int:
        async def run() -> int:
            async with asking() as it:
                return len((await it.ask()).points)

        return anyio.run(run)

    async with asking() as it:
        await it.ask()

        assert await anyio.to_thread.run_sync(elsewhere) == 3
        assert (await it.ask("And once more on the first loop.")).points


async def test_a_door_can_be_closed_twice_and_unused() -> None:
    async with asking() as it:
        await it.client.aclose()
        await it.client.aclose()

        assert not it.client.simulated


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {}\n\n"])
async def test_a_call_that_is_cancelled_closes_its_connection(beginning: bytes) -> None:
    """Before the reply has begun, and in the middle of it: otherwise the server would write on for nobody."""
    asked, closed = anyio.Event(), anyio.Event()

    async def serve(stream: SocketStream) -> None:
        async with stream:
            if b"/chat/completions" not in await stream.receive():
                return
            if beginning:
                await stream.send(beginning)
            asked.set()
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                while True:
                    await stream.receive()
            closed.set()

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610  anyio's, not Django's
    endpoint = Endpoint(name="silent", base_url=f"http://127.0.0.1:{port}/v1")
    async with listener, anyio.create_task_group() as group, ModelClient(endpoint) as client:
        group.start_soon(listener.serve, serve)
        async with anyio.create_task_group() as asking_it:
            question = partial(client.answer, [{"role": "user", "content": "?"}], None, role="x", step=StepName.BRIEF)
            asking_it.start_soon(question)
            await asked.wait()
            asking_it.cancel_scope.cancel()
        with anyio.fail_after(20):
            await closed.wait()
        group.cancel_scope.cancel()

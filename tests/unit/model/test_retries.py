"""Every fault, put to the client by a real server on loopback."""

from __future__ import annotations

import anyio
import pytest
from tests.fakes.client import TALK, DictCache, asking
from tests.fakes.clock import FakeClock

from autointel.domain.run import StepName
from autointel.errors import BudgetSpent, ModelRefused, ModelUnavailable
from autointel_bench.simulated import Fault, FaultKind, Profile

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def failing(kind: FaultKind, count: int | None = 1, retry_after: str | None = None) -> Profile:
    return Profile(faults=(Fault(kind, count=count, retry_after=retry_after),))


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.SERVER_ERROR,
        FaultKind.RATE_LIMITED,
        FaultKind.CUT,
        FaultKind.GARBAGE,
        FaultKind.GARBAGE_BODY,
        FaultKind.SCHEMA_VIOLATION,
    ],
)
async def test_what_goes_wrong_once_is_asked_again_and_answered(kind: FaultKind) -> None:
    async with asking(failing(kind)) as it:
        reply = await it.ask()

        assert reply.points[0].quote in TALK
        assert len(it.server.calls) == it.client.usage.model_calls == 2


async def test_a_call_that_hangs_is_given_up_after_the_timeout_and_asked_again() -> None:
    async with asking(failing(FaultKind.HANG), timeout=0.2) as it:
        reply = await it.ask()

        assert reply.points
        assert len(it.server.calls) == 2


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.RATE_LIMITED, FaultKind.CUT])
async def test_no_question_is_asked_more_often_than_the_limit(kind: FaultKind) -> None:
    async with asking(failing(kind, count=None), max_attempts=3) as it:
        with pytest.raises(ModelUnavailable, match=r"\(3 tries\)"):
            await it.ask()

        assert len(it.server.calls) == it.client.usage.model_calls == 3


async def test_backoff_doubles_with_jitter_and_counts_as_waiting() -> None:
    async with asking(failing(FaultKind.SERVER_ERROR, count=None)) as it:
        with pytest.raises(ModelUnavailable):
            await it.ask()

        first, second, third = it.time.waits
        assert 0.5 <= first <= 1 <= second <= 2 <= third <= 4
        assert it.client.spent(StepName.READ).queue_seconds == pytest.approx(first + second + third)


@pytest.mark.parametrize("kind", [FaultKind.SCHEMA_VIOLATION, FaultKind.GARBAGE_BODY])
async def test_a_reply_malformed_twice_is_not_asked_for_a_third_time(kind: FaultKind) -> None:
    async with asking(failing(kind, count=None)) as it:
        with pytest.raises(ModelUnavailable):
            await it.ask()

        assert len(it.server.calls) == 2


async def test_the_second_question_tells_what_was_wrong_with_the_reply() -> None:
    async with asking(failing(FaultKind.SCHEMA_VIOLATION)) as it:
        await it.ask()

        assert "could not be used: reply: it has none of the fields asked for (points)" in it.server.calls.all[1].prompt


async def test_a_server_that_says_how_long_to_wait_is_obeyed() -> None:
    async with asking(failing(FaultKind.RATE_LIMITED, retry_after="7")) as it:
        await it.ask()

        assert it.time.waits == [7]


async def test_a_server_that_says_when_to_come_back_is_obeyed() -> None:
    # The fake clock stands at 2027-01-15 08:00:00 UTC.
    async with asking(failing(FaultKind.RATE_LIMITED, retry_after="Fri, 15 Jan 2027 08:00:05 GMT")) as it:
        await it.ask()

        assert it.time.waits == [5]


async def test_who_asks_while_another_is_told_to_wait_waits_as_long() -> None:
    class HeldClock(FakeClock):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.go = anyio.Event(), anyio.Event(), anyio.Event()

        async def _sleep(self, seconds: float) -> None:
            (self.second if self.waits else self.first).set()
            self.waits.append(seconds)
            await self.go.wait()
            self.time = 7

    time = HeldClock()
    async with asking(failing(FaultKind.RATE_LIMITED, retry_after="7"), time=time) as it:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(it.ask, "The first text, which meets the limit.")
                await time.first.wait()
                group.start_soon(it.ask, "The second text, which came a little later.")
                await time.second.wait()

                assert len(it.server.calls) == 1
                time.go.set()

    assert time.waits == [7, 7]


async def test_a_server_that_wants_ten_minutes_is_not_waited_for() -> None:
    async with asking(failing(FaultKind.RATE_LIMITED, retry_after="600")) as it:
        with pytest.raises(ModelUnavailable, match="wait until 2027-01-15 08:10 UTC"):
            await it.ask()

        assert it.time.waits == []
        assert len(it.server.calls) == 1


@pytest.mark.parametrize("kind", [FaultKind.REVOKED_KEY, FaultKind.OUT_OF_QUOTA])
async def test_a_refused_key_or_quota_is_final_for_the_whole_run(kind: FaultKind) -> None:
    async with asking(failing(kind)) as it:
        with pytest.raises(ModelRefused) as refusal:
            await it.ask()
        with pytest.raises(ModelRefused):
            await it.ask("Another text, and yet another call.")

        assert refusal.value.hint
        assert len(it.server.calls) == 1


async def test_a_key_revoked_half_way_stops_what_comes_after_and_nothing_before() -> None:
    async with asking(Profile(faults=(Fault(FaultKind.REVOKED_KEY, first=2, count=None),))) as it:
        before = await it.ask()
        with pytest.raises(ModelRefused):
            await it.ask("What comes after the key was revoked.")

        assert before.points


async def test_a_prompt_that_is_too_long_is_said_to_be_so_and_not_repeated() -> None:
    async with asking(Profile(context_tokens=50)) as it:
        with pytest.raises(ModelUnavailable, match="longer than simulated can read"):
            await it.ask()

        assert len(it.server.calls) == 1


async def test_a_refusal_is_not_argued_with() -> None:
    async with asking(failing(FaultKind.REFUSAL)) as it:
        with pytest.raises(ModelUnavailable, match="refused to answer as Reader"):
            await it.ask()

        assert len(it.server.calls) == 1


async def test_an_unknown_address_is_told_with_the_settings_that_mend_it() -> None:
    async with asking() as it:
        async with asking(base_url=it.server.base_url + "/nowhere") as lost:
            with pytest.raises(ModelUnavailable, match="knows no model simulated") as error:
                await lost.ask()

        assert "AUTOINTEL_MODEL__BASE_URL" in error.value.hint


async def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    async with asking(base_url="http://127.0.0.1:9/v1", max_attempts=2) as it:
        with pytest.raises(ModelUnavailable, match=r":9 failed: nothing listens at that port \(2 tries\)\."):
            await it.ask()


async def test_a_server_without_json_schema_is_asked_in_json_mode_from_then_on() -> None:
    async with asking(Profile(rejects=frozenset({"json_schema"}))) as it:
        await it.ask()
        await it.ask("A second text that is about something else.")

        assert [call.response_format for call in it.server.calls.all] == ["json_schema", "json_object", "json_object"]


async def test_a_server_without_any_json_is_read_from_its_prose() -> None:
    rejects = frozenset({"json_schema", "json_object", "temperature"})
    async with asking(Profile(rejects=rejects, in_prose=True)) as it:
        reply = await it.ask()
        await it.ask("A second text that is about something else.")

        assert reply.points[0].quote in TALK
        assert [call.response_format for call in it.server.calls.all][-2:] == ["text", "text"]


async def test_a_server_without_temperature_is_asked_without_it() -> None:
    async with asking(Profile(rejects=frozenset({"temperature"}))) as it:
        assert (await it.ask()).points

        assert len(it.server.calls) == 2


async def test_a_server_that_takes_no_request_is_not_asked_for_ever() -> None:
    async with asking(Profile(rejects=frozenset({"json_schema", "json_object", "text"}))) as it:
        with pytest.raises(ModelUnavailable, match="rejects the request"):
            await it.ask()

        assert len(it.server.calls) == 3


async def test_a_server_that_ignores_schemas_is_given_them_in_words_from_then_on() -> None:
    ignores = Fault(FaultKind.SCHEMA_VIOLATION, count=None, when=lambda call: call.response_format == "json_schema")
    async with asking(Profile(faults=(ignores,))) as it:
        for i in range(3):
            await it.ask(f"Text number {i} of three texts.")

        formats = [call.response_format for call in it.server.calls.all]
        assert formats == ["json_schema", "json_object", "json_schema", "json_object", "json_object"]


async def test_time_that_is_up_ends_the_waiting() -> None:
    async with asking(failing(FaultKind.RATE_LIMITED, retry_after="30"), max_seconds=20) as it:
        with pytest.raises(BudgetSpent, match="20 seconds"):
            await it.ask()

        assert it.time.waits == []


async def test_no_call_is_made_after_the_time_is_up() -> None:
    async with asking(max_seconds=20) as it:
        it.time.time = 21

        with pytest.raises(BudgetSpent):
            await it.ask()

        assert len(it.server.calls) == 0


async def test_a_reply_without_a_token_count_is_estimated_and_marked() -> None:
    async with asking(Profile(usage=False)) as it:
        await it.ask()

        spent = it.client.spent(StepName.READ)
        assert spent.estimated
        assert spent.prompt_tokens > 50
        assert spent.completion_tokens > 20


async def test_a_server_learns_step_and_role_and_nothing_more() -> None:
    async with asking() as it:
        await it.ask()

        call = it.server.calls.all[0]
        assert (call.step, call.role) == ("read", "Reader")


async def test_an_empty_reply_in_words_is_no_reply() -> None:
    async with asking(Profile(faults=(Fault(FaultKind.EMPTY, count=None),))) as it:
        with pytest.raises(ModelUnavailable, match="it was empty"):
            await it.client.answer([{"role": "user", "content": "Say it."}], None, role="x", step=StepName.BRIEF)

        assert len(it.server.calls) == 2


async def test_a_reply_cut_at_the_models_limit_keeps_its_whole_items_and_is_not_kept_itself() -> None:
    cache = DictCache()
    async with asking(Profile(faults=(Fault(FaultKind.LENGTH, count=None),)), cache=cache) as it:
        reply = await it.ask()

        assert len(reply.points) == 1
        assert reply.points[0].quote in TALK
        assert len(it.server.calls) == 1
        assert it.client.spent(StepName.READ).dropped_items == 1
        assert cache.kept == {}


async def test_a_reply_that_breaks_off_twice_keeps_its_whole_items() -> None:
    async with asking(failing(FaultKind.GARBAGE, count=None)) as it:
        reply = await it.ask()

        assert len(reply.points) == 1
        assert len(it.server.calls) == 2

"""The pipeline's shape stands in one table: whatever else has a shape is compared with it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from autointel.domain.run import Flag, Flags, Options, StepName
from autointel.pipeline.stages import (
    NEEDS,
    PIPELINE,
    ROLES,
    OverlapFlag,
    Switch,
    flag_combinations,
    left_out,
    overlaps,
    side_by_side,
)

if TYPE_CHECKING:
    from crewai import Task

ALL_ON = Flags.model_validate({flag.value: Flag(value=True) for flag in OverlapFlag})


def test_the_table_has_every_step_once_in_the_order_of_their_names() -> None:
    assert [stage.name for stage in PIPELINE] == list(StepName)


def test_a_step_needs_only_what_stands_before_it() -> None:
    before: set[StepName] = set()
    for stage in PIPELINE:
        assert set(stage.needs) <= before
        before.add(stage.name)


def test_the_briefing_reads_every_step_that_reads_the_notes() -> None:
    assert set(NEEDS[StepName.BRIEF]) == {stage.name for stage in PIPELINE if StepName.READ in stage.needs} - {
        StepName.BRIEF
    } | {StepName.READ}


def test_every_flag_overlaps_something_and_is_a_field_of_flags() -> None:
    assert {stage.overlaps_by for stage in PIPELINE} - {None} == set(OverlapFlag)
    assert set(Flags.model_fields) == set(OverlapFlag)


def test_every_switch_leaves_one_step_out_and_is_an_option_that_is_on() -> None:
    for switch in Switch:
        assert getattr(Options(source="talk.vtt"), switch) is True
        options = Options.model_validate({"source": "talk.vtt", switch.value: False})
        assert [stage.switch for stage in PIPELINE if stage.name in left_out(options)] == [switch]


def test_an_essential_step_cannot_be_left_out_and_overlaps_nothing() -> None:
    essential = [stage for stage in PIPELINE if stage.essential]

    assert [stage.name for stage in essential] == [StepName.TRANSCRIBE, StepName.READ, StepName.BRIEF]
    assert not any(stage.switch or stage.overlaps_by for stage in essential)


def test_without_flags_nothing_overlaps_and_with_all_of_them_six_steps_do() -> None:
    assert side_by_side(Flags()) == ()
    assert [len(group) for group in side_by_side(ALL_ON)] == [6]
    assert len(list(flag_combinations())) == 8


def test_every_stage_has_a_role_and_no_role_is_without_a_stage() -> None:
    assert list(ROLES) == [stage.name for stage in PIPELINE]


@pytest.mark.xdist_group("crew")
@pytest.mark.parametrize(
    "flags",
    list(flag_combinations()),
    ids=lambda flags: "".join(str(int(getattr(flags, flag).value)) for flag in OverlapFlag),
)
def test_the_crews_order_contexts_and_overlaps_are_the_tables(flags: Flags) -> None:
    tasks = {task.name: task for task in _tasks(flags)}

    assert list(tasks) == [stage.name.value for stage in PIPELINE]
    assert _contexts(tasks) == {name.value: [need.value for need in needs] for name, needs in NEEDS.items()}
    assert [task.async_execution for task in tasks.values()] == [overlaps(stage, flags) for stage in PIPELINE]


def _tasks(flags: Flags) -> list[Task]:
    from autointel.crew.crew import StepAgent, build_intelligence_crew

    agents = {name: StepAgent(role=name.value, goal="g", backstory="b", perform=lambda: "done") for name in StepName}
    return build_intelligence_crew(agents, Options(source="talk.vtt", flags=flags), {}).tasks


def _contexts(tasks: Mapping[str | None, Task]) -> dict[str | None, list[str | None]]:
    return {
        name: [each.name for each in task.context] if isinstance(task.context, list) else []
        for name, task in tasks.items()
    }

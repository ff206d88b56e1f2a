from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from tests import examples

from autointel.cli.brief_source import Browse, brief_source, deliver, idle_options, verify_of
from autointel.cli.request import Choice, Request
from autointel.domain.report import Report, Results
from autointel.domain.run import Acquisition, Depth, Engine, FlagOrigin, Options, Outcome, StepName, Verify
from autointel.errors import AutointelError, NoTranscript, UsageError
from autointel.ports import Listener
from autointel.render.markdown import page
from autointel.settings import Settings


@dataclass(frozen=True)
class Finished:
    report: Report
    results: Results
    unkept: AutointelError | None = None


class Pipeline:
    """Hands out one talk, and remembers what it was asked."""

    def __init__(self, *, outcome: Outcome = Outcome.DONE, warnings: int = 1) -> None:
        results = examples.local_results()
        self.results = examples.finished(results, markdown=page(results, ()))
        brief = examples.step(StepName.BRIEF, 0.372, 0.004, outcome, reason="" if outcome is Outcome.DONE else "cut")
        self.report = examples.report(self.results).model_copy(
            update={
                "steps": (*self.results.steps[:-1], brief),
                "warnings": tuple(f"warning no. {number}" for number in range(warnings)),
            }
        )
        self.options: Options | None = None

    def __call__(self, _: Settings, options: Options, listener: Listener) -> Finished:
        self.options = options
        listener.source_found(self.results.source, self.results.transcript)
        for step in self.report.steps:
            listener.step_started(step.name)
            listener.step_ended(step)
        return Finished(self.report, self.results)


REQUEST = Request("talk.vtt")


def asked(request: Request) -> Options:
    pipeline = Pipeline()
    brief_source(request, pipeline)
    assert pipeline.options is not None
    return pipeline.options


def test_a_pipe_gets_the_markdown_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    pipeline = Pipeline()

    code = brief_source(REQUEST, pipeline)

    out, err = capsys.readouterr()
    assert code == 0
    assert out == pipeline.report.briefing.markdown
    assert err.splitlines()[0] == "engine local: no model is configured"
    assert err.splitlines()[2] == "transcribe done 12 ms (4 segments)"
    assert "warning: warning no. 0" in err
    assert err.splitlines()[-1] == "no model calls · flags: none"


def test_json_is_one_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    pipeline = Pipeline()

    brief_source(replace(REQUEST, json=True), pipeline)

    assert Report.model_validate_json(_without_computed(capsys.readouterr().out)) == pipeline.report.model_copy(
        update={"steps": tuple(step.model_copy(update={"detail": ""}) for step in pipeline.report.steps)}
    )


def _without_computed(text: str) -> str:
    loaded = json.loads(text)
    assert loaded["briefing"].pop("dropped_ungrounded") == 0
    return json.dumps(loaded)


def test_quiet_leaves_the_briefing_alone(capsys: pytest.CaptureFixture[str]) -> None:
    brief_source(replace(REQUEST, quiet=True), Pipeline())

    out, err = capsys.readouterr()
    assert out.startswith("# The Cost of Free Transit\n")
    assert err == ""


def test_a_terminal_gets_columns_instead_of_markdown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")

    brief_source(replace(REQUEST, quiet=True), Pipeline())

    opening = "\nREPRESENTATIVE QUOTES (in the order of time)\n   fares, shortfall, council\n1  [4:12] "
    assert opening in capsys.readouterr().out


def test_forced_colour_gets_columns_in_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    brief_source(replace(REQUEST, quiet=True), Pipeline())
    assert "\x1b[1;36mREPRESENTATIVE QUOTES" in capsys.readouterr().out

    brief_source(replace(REQUEST, quiet=True, color=False), Pipeline())
    assert "\x1b[36m" not in capsys.readouterr().out


def test_many_warnings_are_counted_and_verbose_shows_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    brief_source(REQUEST, Pipeline(warnings=12))
    few = capsys.readouterr().err
    brief_source(replace(REQUEST, verbose=True), Pipeline(warnings=12))
    all_of_them = capsys.readouterr().err

    assert few.count("warning: ") == 5
    assert "7 more warnings in the report" in few
    assert all_of_them.count("warning: ") == 12


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.DONE, 0), (Outcome.DEGRADED, 7)])
def test_a_partial_briefing_is_written_and_told_by_the_exit_code(
    outcome: Outcome, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brief_source(REQUEST, Pipeline(outcome=outcome)) == code
    assert capsys.readouterr().out.startswith("# The Cost of Free Transit")


def test_the_folder_is_written_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brief_source(replace(REQUEST, out=tmp_path / "out", quiet=True), Pipeline())

    written = (tmp_path / "out" / "briefing.md").read_text()
    assert written.startswith("---\ntitle: The Cost of Free Transit\n")
    assert "## Representative quotes" in written
    assert "# The Cost of Free Transit" in capsys.readouterr().out


def browser(asked_for: list[str]) -> Browse:
    def browse(url: str) -> bool:
        asked_for.append(url)
        return True

    return browse


def test_the_page_opens_from_the_folder_that_was_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked_for: list[str] = []

    brief_source(replace(REQUEST, out=tmp_path, open_page=True), Pipeline(), browser(asked_for))

    assert asked_for == [(tmp_path / "report.html").as_uri()]
    assert f"page {tmp_path / 'report.html'}" in capsys.readouterr().err


def test_quiet_opens_the_page_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked_for: list[str] = []

    brief_source(replace(REQUEST, out=tmp_path, open_page=True, quiet=True), Pipeline(), browser(asked_for))

    assert len(asked_for) == 1
    assert capsys.readouterr().err == ""


def test_a_folder_that_fails_late_does_not_keep_the_briefing_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.json").mkdir()

    with pytest.raises(AutointelError, match="could not be written"):
        brief_source(replace(REQUEST, out=tmp_path), Pipeline())

    assert capsys.readouterr().out.startswith("# The Cost of Free Transit")


def test_a_folder_that_cannot_be_is_found_out_before_the_run(tmp_path: Path) -> None:
    pipeline = Pipeline()
    (tmp_path / "taken").write_text("")

    with pytest.raises(UsageError):
        brief_source(replace(REQUEST, out=tmp_path / "taken"), pipeline)

    assert pipeline.options is None


def test_what_was_typed_is_what_the_pipeline_is_asked() -> None:
    options = asked(
        replace(
            REQUEST,
            depth="deep",
            parallel=True,
            language="en",
            briefing_language="pt-BR",
            memory=False,
            graph=False,
            fact_check=False,
            offline=True,
            namespace="city-hall",
        )
    )

    assert options == Options(
        source="talk.vtt",
        engine=Engine.LOCAL,
        depth=Depth.DEEP,
        namespace="city-hall",
        language="en",
        briefing_language="pt-BR",
        flags=options.flags,
        memory=False,
        graph=False,
        fact_check=False,
        offline=True,
    )
    assert options.flags.parallel_analysis.origin is FlagOrigin.OPTION


@pytest.mark.parametrize("namespace", ["", "../up", "Up", "a" * 64, "a b", "-a"])
def test_a_namespace_is_a_name_and_no_path(namespace: str) -> None:
    with pytest.raises(UsageError, match="cannot be a namespace"):
        asked(replace(REQUEST, namespace=namespace))


@pytest.mark.parametrize("language", ["", "english!", "x", "en_US", "xx"])
def test_a_language_is_a_code(language: str) -> None:
    with pytest.raises(UsageError, match="is not a language code"):
        asked(replace(REQUEST, language=language))
    with pytest.raises(UsageError, match="is not a language code"):
        asked(replace(REQUEST, briefing_language=language))


def test_a_line_before_the_run_says_nothing_to_the_terminal_and_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    opening = ["engine llm: m\x1b]0;title\x07\nrun 1\x9b2J, as before"]

    deliver(REQUEST, partial(Pipeline(), Settings(), Options(source="talk.vtt")), Settings(), opening)

    assert capsys.readouterr().err.splitlines()[0] == "engine llm: m run 1, as before"


def test_an_error_of_the_run_passes_and_nothing_is_printed_as_a_briefing(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(_: Settings, __: Options, ___: Listener) -> Finished:
        raise NoTranscript("There are no words in it.", "Pass a transcript.")

    with pytest.raises(NoTranscript):
        brief_source(REQUEST, fails)

    assert capsys.readouterr().out == ""


def test_options_without_an_effect_are_named(tmp_path: Path) -> None:
    talk = tmp_path / "talk.vtt"
    talk.touch()
    local, llm = Choice(Engine.LOCAL, ""), Choice(Engine.LLM, "")
    given = Request(str(talk), depth="deep", max_usd=1.0, acquisition=Acquisition(episode="2"))

    assert list(idle_options(given, local)) == [
        "warning: --depth, --max-usd have no effect without a model",
        "warning: --episode has no effect on a file",
    ]
    assert list(idle_options(given, llm)) == ["warning: --episode has no effect on a file"]
    assert list(idle_options(Request("https://example.org/feed", acquisition=Acquisition(episode="2")), llm)) == []


def test_a_model_file_looks_twice_only_where_it_is_told_to(tmp_path: Path) -> None:
    settings = Settings.model_validate({"model": {"file": tmp_path / "small.gguf"}})
    request = replace(REQUEST, engine="llm")

    assert verify_of(request, settings, Engine.LLM) is Verify.CODE
    assert verify_of(replace(request, verify="model"), settings, Engine.LLM) is Verify.MODEL


@pytest.mark.parametrize(
    ("request_", "verify"),
    [
        (replace(REQUEST, engine="local"), Verify.CODE),
        (replace(REQUEST, engine="llm"), Verify.MODEL),
        (replace(REQUEST, engine="llm", max_seconds=60), Verify.CODE),
        (replace(REQUEST, engine="llm", max_seconds=60, verify="model"), Verify.MODEL),
        (replace(REQUEST, engine="llm", verify="off"), Verify.OFF),
    ],
)
def test_the_model_looks_twice_where_there_is_one_and_no_budget(request_: Request, verify: Verify) -> None:
    engine = Engine(request_.engine)

    assert verify_of(request_, Settings(), engine) is verify

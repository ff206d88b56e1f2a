from __future__ import annotations

import io
import json
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tests import examples

from autointel.app.batches import Entry
from autointel.app.children import Children, Ended
from autointel.cli.request import Request, typed
from autointel.cli.run import run
from autointel.cli.run_many import Fared, Listing, exit_code_of_list, read_list, run_list, shares
from autointel.domain.run import Acquisition, Options
from autointel.errors import NoTranscript, SourceUnreachable, UsageError
from autointel.render.markdown import page
from autointel.settings import Settings, handed_down
from autointel.settings.fields import ModelSettings

Capture = pytest.CaptureFixture[str]
RESULTS = examples.local_results()
REPORT = examples.report(examples.finished(RESULTS, markdown=page(RESULTS, ())))
PLAIN = Request("", engine="local")


class Table(Children):
    """Children that end as the table says, by the last word of what they were asked."""

    def __init__(self, ends: dict[str, Ended], said: str = "transcribe done 12 ms") -> None:
        super().__init__({})
        self.said = said
        self.ends = ends
        self.asked: list[list[str]] = []

    def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
        self.asked.append(list(arguments))
        heard(self.said)
        return self.ends[arguments[-1]]


def fine(title: str = "") -> Ended:
    source = REPORT.source.model_copy(update={"title": title or REPORT.source.title})
    return Ended(0, REPORT.model_copy(update={"source": source}).model_dump_json(), (), 1.25)


def one_each(_: Settings, options: Options, __: int | None) -> list[Entry]:
    return [Entry(options.source)]


def listed(*lines: str) -> Listing:
    Path("list.txt").write_text("\n".join(lines))
    return Listing("list.txt")


def test_comments_blank_lines_and_what_is_there_already_are_left_out() -> None:
    Path("list.txt").write_bytes(b"\xef\xbb\xbf# mine\r\n\r\n  a.vtt \r\n#b.vtt\r\nhttps://x.test/#part\r\na.vtt\r\n")

    assert read_list("list.txt") == ["a.vtt", "https://x.test/#part"]


def test_a_list_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a.vtt\nb.vtt")))

    assert read_list("-") == ["a.vtt", "b.vtt"]


def test_a_list_that_is_not_there_or_empty_says_so() -> None:
    with pytest.raises(SourceUnreachable, match="cannot be read"):
        read_list("nowhere.txt")
    Path("list.txt").write_text("# nothing\n")
    with pytest.raises(UsageError, match="list is empty"):
        read_list("list.txt")


def test_a_list_without_an_end_is_read_to_the_limit_only() -> None:
    with pytest.raises(UsageError, match="more than 10 MB"):
        read_list("/dev/zero")


def test_every_briefing_stands_on_stdout_in_the_order_of_the_list(capsys: Capture) -> None:
    children = Table({"a.vtt": fine("A"), "b.vtt": fine("B")})

    code = run_list(replace(PLAIN, json=True), replace(listed("a.vtt", "b.vtt"), jobs=2), one_each, children)

    out, err = capsys.readouterr()
    assert code == 0
    assert [json.loads(line)["source"]["title"] for line in out.splitlines()] == ["A", "B"]
    assert [line.split() for line in err.splitlines()[-3:]] == [
        ["source", "outcome", "seconds", "passages", "exit"],
        ["a.vtt", "done", "1.2", str(REPORT.memory.passages), "0"],
        ["b.vtt", "done", "1.2", str(REPORT.memory.passages), "0"],
    ]


def test_one_bad_source_stops_nothing(capsys: Capture) -> None:
    refused = Ended(3, "", ("x.test refuses programs (status 403).", "Save it."), 0.5)
    children = Table({"a.vtt": refused, "b.vtt": fine()})

    code = run_list(PLAIN, listed("a.vtt", "b.vtt"), one_each, children)

    out, err = capsys.readouterr()
    assert (code, out) == (7, REPORT.briefing.markdown + "\n")
    assert "1/2  x.test refuses programs (status 403).\n1/2  Save it.\n" in err


def test_quiet_still_says_which_source_failed_and_why(capsys: Capture) -> None:
    children = Table({"a.vtt": Ended(4, "", ("It is empty.", "Fill it."), 0.5), "b.vtt": fine()})

    run_list(replace(PLAIN, quiet=True), listed("a.vtt", "b.vtt"), one_each, children)

    assert capsys.readouterr().err == "1/2  a.vtt\n1/2  It is empty.\n1/2  Fill it.\n"


def test_what_a_briefing_replaces_in_memory_is_said_however_quiet_the_list_is(capsys: Capture) -> None:
    replacing = Table({"a.vtt": fine()}, said="warning: Memory now holds this version.")

    run_list(replace(PLAIN, quiet=True), listed("a.vtt"), one_each, replacing)

    assert capsys.readouterr().err == "1/1  warning: Memory now holds this version.\n"


def test_what_a_child_says_is_passed_on_when_asked_for(capsys: Capture) -> None:
    run_list(replace(PLAIN, verbose=True), listed("a.vtt"), one_each, Table({"a.vtt": fine()}))

    assert "1/1  transcribe done 12 ms\n" in capsys.readouterr().err


def test_a_playlist_is_as_many_sources_and_an_episode_goes_along(capsys: Capture) -> None:
    def expand(_: Settings, options: Options, limit: int | None) -> list[Entry]:
        assert limit == 2
        if options.source == "gone":
            raise NoTranscript("It is no list.", "Give another.")
        return [Entry("v1"), Entry("v2", "guid")]

    children = Table({"v1": fine(), "v2": fine()})
    code = run_list(replace(PLAIN, out=Path("out")), replace(listed("list", "gone"), limit=2), expand, children)

    assert code == 7
    assert "--episode=guid" in children.asked[1]
    folders = [word for asked in children.asked for word in asked if word.startswith("--out=")]
    assert len(set(folders)) == 2
    assert "3/3  gone\n3/3  It is no list.\n" in capsys.readouterr().err


def test_a_mistake_that_every_source_would_share_ends_it_at_once() -> None:
    with pytest.raises(UsageError, match="namespace"):
        run_list(replace(PLAIN, namespace="../up"), listed("a.vtt"), one_each, Table({}))
    for wrong in (replace(PLAIN, dry_run=True), replace(PLAIN, open_page=True)):
        with pytest.raises(UsageError, match="take a single source"):
            run_list(wrong, listed("a.vtt"), one_each, Table({}))
    with pytest.raises(UsageError, match="Exactly one input"):
        run("a.vtt", from_list="list.txt")
    with pytest.raises(UsageError, match="Exactly one input"):
        run(None)


@pytest.mark.parametrize(
    ("codes", "briefed", "code"),
    [((0, 0), (True, True), 0), ((0, 3), (True, False), 7), ((7, 0), (True, True), 7), ((4, 3), (False, False), 4)],
)
def test_the_exit_code_of_it_all(codes: tuple[int, ...], briefed: tuple[bool, ...], code: int) -> None:
    fared = [Fared("x", each, 1.0, REPORT if there else None) for each, there in zip(codes, briefed, strict=True)]

    assert exit_code_of_list(fared) == code


def test_an_interruption_ends_the_children_and_shows_what_there_is(capsys: Capture) -> None:
    class Interrupted(Table):
        stopped = Event()

        def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
            if arguments[-1] == "b.vtt":
                raise KeyboardInterrupt
            return super().run(arguments, heard)

        def stop(self) -> None:
            self.stopped.set()

    children = Interrupted({"a.vtt": fine(), "c.vtt": fine()})

    with pytest.raises(KeyboardInterrupt) as raised:
        run_list(PLAIN, listed("a.vtt", "b.vtt", "c.vtt"), one_each, children)

    assert children.stopped.is_set()
    assert "The same command continues" in raised.value.__notes__[0]
    assert "a.vtt" in capsys.readouterr().err


def test_limits_of_the_models_server_are_divided_among_jobs() -> None:
    settings = Settings(model=ModelSettings(max_concurrent_calls=8, requests_per_minute=30))

    assert shares(settings, 1) == {}
    assert shares(settings, 3) == {"model.max_concurrent_calls": "2", "model.requests_per_minute": "10"}
    assert shares(Settings(), 16) == {"model.max_concurrent_calls": "1"}
    assert handed_down(shares(settings, 3))["AUTOINTEL_MODEL__REQUESTS_PER_MINUTE"] == "10"


def test_a_request_is_typed_as_it_was() -> None:
    request = Request(
        "--help",
        engine="llm",
        parallel=False,
        language="de",
        memory=False,
        offline=True,
        cache=False,
        acquisition=Acquisition(transcribe=True, episode="-1", proxy="http://p:1", refresh=True),
    )

    words = typed(request)

    assert words[-2:] == ["--", "--help"]
    assert {"--engine=llm", "--sequential", "--language=de", "--no-memory", "--offline", "--no-cache"} <= set(words)
    assert {"--transcribe", "--episode=-1", "--proxy=http://p:1", "--refresh"} <= set(words)
    assert "--parallel" not in words


def test_a_child_is_heard_and_its_output_kept_apart() -> None:
    heard: list[str] = []
    script = "import sys; print('out'); print('one\\ntwo\\nthree', file=sys.stderr); sys.exit(4)"

    ended = Children(handed_down({}), [sys.executable, "-c", script]).run([], heard.append)

    assert (ended.code, ended.out, ended.said) == (4, "out\n", ("two", "three"))
    assert heard == ["one", "two", "three"]


def test_children_that_are_stopped_end_and_no_more_are_begun() -> None:
    script = "import sys, threading; print('here', file=sys.stderr, flush=True); threading.Event().wait(60)"
    children = Children(handed_down({}), [sys.executable, "-c", script])

    ended = children.run([], lambda _: children.stop())

    assert ended.code == 128 + signal.SIGTERM
    assert children.run([], lambda _: None) == Ended(143, "", (), 0.0)


def test_a_report_cut_short_is_no_report(capsys: Capture) -> None:
    children = Table({"a.vtt": Ended(137, '{"run_id": "2', (), 1.0)})

    assert run_list(PLAIN, listed("a.vtt"), one_each, children) == 137
    assert capsys.readouterr().out == ""


def test_the_list_begins_with_the_engine(capsys: Capture) -> None:
    run_list(PLAIN, listed("a.vtt"), one_each, Table({"a.vtt": fine()}))

    assert capsys.readouterr().err.splitlines()[0] == "engine local: as requested; no model is used"


def test_a_comment_may_stand_after_a_source_and_a_fragment_is_no_comment(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text("# talks\na.vtt  # the first\nhttps://example.org/talk#part-2\n\n  # none\na.vtt\n")

    assert read_list(str(listing)) == ["a.vtt", "https://example.org/talk#part-2"]


def test_options_for_lists_are_refused_without_one() -> None:
    for options in ({"jobs": 2}, {"limit": 3}):
        with pytest.raises(UsageError, match="do nothing without a list"):
            run("a.vtt", **options)  # type: ignore[arg-type]

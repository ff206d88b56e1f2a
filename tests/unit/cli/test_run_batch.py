"""``autointel batch``: sources on a queue, worked through by runs that end as a table says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from tests import examples
from tests.fakes.site import Page, Site

from autointel.adapters.home import Home
from autointel.app.children import Children, Ended
from autointel.cli.request import Request
from autointel.cli.run_batch import cancel_batch, resume_batch, show_batch, show_batches, start_batch
from autointel.domain.report import Report
from autointel.domain.run import Outcome, StepName
from autointel.errors import SourceUnreachable, UsageError
from autointel.render.markdown import page

Capture = pytest.CaptureFixture[str]
RESULTS = examples.local_results()
REPORT = examples.report(examples.finished(RESULTS, markdown=page(RESULTS, ())))
PLAIN = Request("", engine="local")
GONE = Ended(3, "", ("x.test refuses programs (status 403).", "Save it."), 0.5)
MISSING = Ended(3, "", ("There is no file.", "Check the path."), 0.5)
WORDLESS = Ended(4, "", ("It is empty.", "Fill it."), 0.5)
KILLED = Ended(137, "", (), 0.5)


class Runs(Children):
    """Runs that end as ``ends`` says by the file's name, one after another; any other brings a briefing."""

    numbers = count()

    def __init__(self, ends: dict[str, list[Ended | BaseException]] | None = None) -> None:
        super().__init__({})
        self.ends = ends or {}
        self.asked: list[str] = []
        self.arguments: list[list[str]] = []
        self._lock = Lock()

    def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
        del heard
        with self._lock:
            name = Path(arguments[-1]).name
            self.asked.append(name)
            self.arguments.append(list(arguments))
            ended = self.ends[name].pop(0) if self.ends.get(name) else fine()
        if isinstance(ended, BaseException):
            raise ended
        return ended


def fine(code: int = 0) -> Ended:
    report = REPORT.model_copy(update={"run_id": f"run-{next(Runs.numbers)}"})
    return Ended(code, report.model_dump_json(), (), 0.1)


def unstored() -> Ended:
    """A briefing that the memory did not get, because the catalogue's database was away."""
    report = Report.model_validate_json(fine().out)
    away = {"outcome": Outcome.FAILED, "reason": "The database does not answer."}
    steps = [each.model_copy(update=away if each.name is StepName.MEMORY else {}) for each in report.steps]
    return Ended(7, report.model_copy(update={"steps": tuple(steps)}).model_dump_json(), (), 0.1)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(Path("home").absolute()))
    monkeypatch.setenv("AUTOINTEL_QUEUE__RETRY_SECONDS", "0")
    for name in "abc":
        Path(f"{name}.vtt").write_text("WEBVTT\n")


def started(children: Children, *sources: str, from_list: str | None = None, **more: Any) -> int:
    return start_batch(PLAIN, sources, from_list, None, jobs=more.pop("jobs", 1), json=True, children=children, **more)


def rows(capsys: Capture) -> dict[str, tuple[str, int, str]]:
    return {
        Path(row["source"]).name: (row["state"], row["attempts"], row["reason"])
        for row in json.loads(capsys.readouterr().out)
    }


def batch_of(capsys: Capture) -> str:
    show_batches(json=True)
    batch: str = json.loads(capsys.readouterr().out)[0]["batch"]
    return batch


def test_a_source_given_twice_is_briefed_once(capsys: Capture) -> None:
    Path("list.txt").write_text("b.vtt\n./a.vtt  # again\n")
    Path("link.vtt").symlink_to("a.vtt")
    runs = Runs()

    assert started(runs, "a.vtt", "a.vtt", "link.vtt", from_list="list.txt") == 0

    assert runs.asked == ["a.vtt", "b.vtt"]
    assert rows(capsys) == {"a.vtt": ("done", 1, ""), "b.vtt": ("done", 1, "")}


def test_a_folder_stands_for_its_files_and_hidden_ones_are_left_out(capsys: Capture) -> None:
    folder = Path("talks/deep")
    folder.mkdir(parents=True)
    (folder / "x.vtt").write_text("WEBVTT\n")
    Path("talks/.hidden").write_text("")
    Path("talks/loop").symlink_to(Path("talks").absolute())
    Path("empty").mkdir()
    runs = Runs()

    code = started(runs, "talks", "empty")

    assert (code, runs.asked) == (7, ["x.vtt"])
    assert "empty  The folder empty holds no file." in capsys.readouterr().err


def test_what_fails_is_tried_again_and_what_kills_its_process_every_time_is_set_aside_with_the_reason(
    capsys: Capture,
) -> None:
    runs = Runs({"a.vtt": [GONE], "b.vtt": [KILLED, KILLED, KILLED]})

    assert started(runs, "https://x.test/a.vtt", "b.vtt", "c.vtt", jobs=2) == 7

    assert sorted(runs.asked) == ["a.vtt"] * 2 + ["b.vtt"] * 3 + ["c.vtt"]
    assert rows(capsys) == {
        "a.vtt": ("done", 2, ""),
        "b.vtt": ("dead", 3, "Its process was killed by SIGKILL."),
        "c.vtt": ("done", 1, ""),
    }


def test_a_source_without_words_is_not_tried_again(capsys: Capture) -> None:
    runs = Runs({"a.vtt": [WORDLESS]})

    assert started(runs, "a.vtt") == 1

    assert rows(capsys) == {"a.vtt": ("dead", 1, "It is empty. Fill it.")}


def test_a_file_that_is_not_there_is_not_tried_again(capsys: Capture) -> None:
    runs = Runs({"lost.vtt": [MISSING]})

    assert started(runs, "lost.vtt") == 1

    assert rows(capsys) == {"lost.vtt": ("dead", 1, "There is no file. Check the path.")}
    show_batches(json=False)
    assert capsys.readouterr().out.endswith("  1 given up\n")


def test_a_partial_briefing_is_not_tried_again() -> None:
    runs = Runs({"a.vtt": [fine(7)]})

    assert started(runs, "a.vtt") == 7
    assert runs.asked == ["a.vtt"]


def test_a_briefing_whose_results_could_not_be_saved_is_made_again_and_is_partial_in_the_end(capsys: Capture) -> None:
    runs = Runs({"a.vtt": [fine(6), fine()], "b.vtt": [fine(6)] * 3})

    assert started(runs, "a.vtt", "b.vtt") == 7

    assert {source: row[:2] for source, row in rows(capsys).items()} == {"a.vtt": ("done", 2), "b.vtt": ("partial", 3)}


def test_an_interrupted_batch_is_continued_and_finished_sources_are_not_briefed_again(capsys: Capture) -> None:
    with pytest.raises(KeyboardInterrupt) as interrupted:
        started(Runs({"b.vtt": [KeyboardInterrupt()]}), "a.vtt", "b.vtt", "c.vtt")
    batch = batch_of(capsys)
    assert interrupted.value.__notes__ == [f"autointel batch resume {batch} continues."]
    rest = Runs()

    assert resume_batch(batch[:18], failed=False, jobs=1, json=True, children=rest) == 0

    assert sorted(rest.asked) == ["b.vtt", "c.vtt"]
    assert {row[0] for row in rows(capsys).values()} == {"done"}


def test_the_table_of_an_interrupted_batch_tells_seconds_of_what_has_ended(capsys: Capture) -> None:
    with pytest.raises(KeyboardInterrupt):
        started(Runs({"b.vtt": [KeyboardInterrupt()]}), "a.vtt", "b.vtt", "c.vtt")

    rows = [line.split() for line in capsys.readouterr().err.splitlines()]

    assert {row[-1]: len(row) for row in rows[-3:]} == {"a.vtt": 4, "b.vtt": 3, "c.vtt": 3}


def test_a_misspelt_batch_is_answered_with_the_one_that_is_most_like_it(capsys: Capture) -> None:
    started(Runs(), "a.vtt")
    capsys.readouterr()
    batch = batch_of(capsys)

    with pytest.raises(UsageError) as raised:
        show_batch(f"{batch[:-1]}x", json=False, color=False)

    assert raised.value.hint.startswith(f'Did you mean "{batch}"? ')


def test_options_are_remembered_from_start_to_resume(capsys: Capture) -> None:
    request = replace(PLAIN, out=Path("out"), namespace="news", depth="deep")
    start_batch(request, ["a.vtt"], None, None, jobs=1, children=Runs({"a.vtt": [WORDLESS]}))
    capsys.readouterr()
    again = Runs()

    resume_batch(batch_of(capsys), failed=True, jobs=1, children=again)

    words = again.arguments[0]
    assert {"--namespace=news", "--depth=deep", "--engine=local"} <= set(words)
    assert any(word.startswith(f"--out={Path('out').absolute()}/") for word in words)


def test_with_a_folder_an_index_lists_all_briefings_also_those_from_before_it_was_resumed(capsys: Capture) -> None:
    home = Home(Path("home").absolute())
    home.prepare()

    class Writing(Runs):
        """Runs that write a page into their folder and the report into the home."""

        def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
            ended = super().run(arguments, heard)
            if ended.code == 0:
                title = Path(arguments[-1]).stem
                source = REPORT.source.model_copy(update={"title": f"The {title} Talk"})
                report = Report.model_validate_json(ended.out).model_copy(update={"source": source})
                folder = Path(next(word for word in arguments if word.startswith("--out=")).partition("=")[2])
                folder.mkdir(parents=True)
                (folder / "report.html").write_text(title)
                home.write_artifact(report.run_id, "report.json", report.model_dump_json().encode())
                return replace(ended, out=report.model_dump_json())
            return ended

    request = replace(PLAIN, out=Path("out"))
    start_batch(request, ["a.vtt", "b.vtt"], None, None, jobs=1, children=Writing({"b.vtt": [WORDLESS]}))
    capsys.readouterr()
    resume_batch(batch_of(capsys), failed=True, jobs=1, children=Writing())

    index = Path("out/index.html").read_text()
    assert "The a Talk" in index
    assert "The b Talk" in index
    assert sorted(path.name.rpartition("-")[0] for path in Path("out").iterdir() if path.is_dir()) == [
        "the-a-talk",
        "the-b-talk",
    ]


def test_a_cancelled_batch_does_nothing_until_it_is_resumed(capsys: Capture) -> None:
    with pytest.raises(KeyboardInterrupt):
        started(Runs({"a.vtt": [KeyboardInterrupt()]}), "a.vtt", "b.vtt", "c.vtt")
    batch = batch_of(capsys)

    cancel_batch(batch)
    assert "3 sources cancelled" in capsys.readouterr().out
    show_batch(batch, json=False, color=False)
    assert capsys.readouterr().out.count("cancelled") == 3
    assert resume_batch(batch, failed=False, jobs=1, json=True, children=Runs()) == 0


def test_a_feed_is_as_many_sources_as_the_limit_says(monkeypatch: pytest.MonkeyPatch) -> None:
    items = "".join(f"<item><title>{name}</title><guid>{name}</guid></item>" for name in "xyz")
    body = f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
    with Site({"/feed": Page(body, "application/rss+xml")}) as site:
        monkeypatch.setenv("AUTOINTEL_FETCH__ALLOW_HOSTS", site.host)
        runs = Runs()

        code = start_batch(PLAIN, [site.url("/feed"), site.url("/gone")], None, 2, jobs=1, children=runs)

    assert code == 7
    assert [next(word for word in words if "episode" in word) for words in runs.arguments] == [
        "--episode=x",
        "--episode=y",
    ]


def test_what_cannot_work_is_said_at_once() -> None:
    with pytest.raises(UsageError, match="nothing to brief"):
        started(Runs())
    with pytest.raises(UsageError, match="no source of a batch"):
        started(Runs(), "-")
    with pytest.raises(SourceUnreachable, match="cannot be read"):
        started(Runs(), from_list="nowhere.txt")
    with pytest.raises(UsageError, match="no batch"):
        show_batch("2020", json=False, color=False)


def test_without_batches_the_list_says_so(capsys: Capture) -> None:
    show_batches(json=False)

    assert "There are no batches yet." in "".join(capsys.readouterr())


def test_a_briefing_that_a_store_did_not_get_is_tried_again_and_is_partial_in_the_end(capsys: Capture) -> None:
    runs = Runs({"a.vtt": [unstored()], "b.vtt": [unstored(), unstored(), unstored()]})

    started(runs, "a.vtt", "b.vtt")

    found = rows(capsys)
    assert runs.asked.count("a.vtt") == 2
    assert found["a.vtt"][0] == "done"
    assert found["b.vtt"][:2] == ("partial", 3)

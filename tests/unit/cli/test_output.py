from __future__ import annotations

import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest
from lxml import html
from tests import examples

from autointel.cli.output import (
    aside,
    formatted,
    named_by_title,
    prepare,
    print_json,
    to_file,
    to_folder,
    to_index,
    to_page,
    to_stdout,
)
from autointel.domain.notes import Notes
from autointel.domain.transcript import Segment, Transcript
from autointel.errors import AutointelError, UsageError
from autointel.render.html.page import html_page

RESULTS = examples.finished(examples.local_results(), markdown="# A page\n")
REPORT = examples.report(RESULTS)


def test_a_pipe_gets_utf_8_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))

    to_stdout("✗ «naïve»\n")

    assert raw.getvalue().decode() == "✗ «naïve»\n"


def test_control_characters_of_eight_bits_reach_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"title": "a\x9b2Jb\x1b"})

    said = capsys.readouterr().out
    assert (json.loads(said), "\x9b" in said) == ({"title": "a\x9b2Jb\x1b"}, False)


def test_a_reader_that_went_away_is_left_to_the_end_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())

    with pytest.raises(BrokenPipeError):
        to_stdout("briefing")


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())

    with pytest.raises(AutointelError, match=r"^The output could not be written: No space left on device\.$"):
        to_stdout("briefing")


def test_a_stdout_that_was_never_open_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(AutointelError, match="Standard output is closed"):
        to_stdout("briefing")


def test_the_folder_gets_the_report_the_page_the_words_the_notes_and_the_graph(tmp_path: Path) -> None:
    to_folder(tmp_path, REPORT, RESULTS)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("briefing.md", "graph.graphml", "graph.mmd", "notes.json", "report.html", "report.json"),
        *("transcript.json", "transcript.md", "transcript.srt", "transcript.vtt"),
    ]
    assert (tmp_path / "briefing.md").read_text().endswith("---\n\n# A page\n")
    assert (tmp_path / "report.html").read_text() == html_page(REPORT, RESULTS)
    assert json.loads((tmp_path / "report.json").read_text())["run_id"] == REPORT.run_id
    assert json.loads((tmp_path / "notes.json").read_text())["method"] == "extract"
    first = json.loads((tmp_path / "transcript.json").read_text())["segments"][0]
    assert {"start", "end", "speaker", "text"} <= set(first)
    assert (first["start"], first["speaker"]) == (252.0, "Mara Lind")


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "briefing.md").write_text("x" * 10_000)

    to_folder(tmp_path, REPORT, RESULTS)

    assert (tmp_path / "briefing.md").read_text().endswith("---\n\n# A page\n")
    assert "xxx" not in (tmp_path / "briefing.md").read_text()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Cost of Free Transit!", "the-cost-of-free-transit-abcdef"),
        ("../../etc/passwd", "etc-passwd-abcdef"),
        ("Über 自由 транзит", "über-自由-транзит-abcdef"),
        ("\x00 ???", "untitled-abcdef"),
        ("word " * 50, f"{'word-' * 12}abcdef"),
    ],
)
def test_a_list_s_folder_is_named_by_its_title(title: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "abcdef123456"
    to_folder(folder, REPORT, RESULTS)

    named = named_by_title(folder, title)
    to_folder(folder, REPORT, RESULTS)

    assert named_by_title(folder, title) == named == tmp_path / name
    assert (named / "report.html").exists()
    assert not folder.exists()


def test_the_index_leads_to_each_briefing(tmp_path: Path) -> None:
    judged = examples.finished(examples.llm_results(), examples.judgments())

    to_index(tmp_path, [("transit a", REPORT), ("b", examples.report(judged))])

    page = html.document_fromstring((tmp_path / "index.html").read_text())
    assert page.xpath("//main//a/@href") == ["transit%20a/report.html", "b/report.html"]
    assert page.xpath("//main//strong/text()") == ["1 refuted", "1 not enough evidence"]
    assert not page.xpath("//script")


def test_a_source_without_times_has_no_subtitles(tmp_path: Path) -> None:
    words = Transcript(segments=(Segment(text="Fares pay for the buses.", paragraph=1),))
    results = RESULTS.model_copy(update={"transcript": words})

    to_folder(tmp_path, REPORT, results)

    assert not (tmp_path / "transcript.srt").exists()
    with pytest.raises(AutointelError, match="no times, so there are no subtitles"):
        formatted("srt", REPORT, results)


def test_a_source_without_names_has_no_graph(tmp_path: Path) -> None:
    results = RESULTS.model_copy(update={"notes": Notes(method="none")})

    to_folder(tmp_path, REPORT, results)

    assert not list(tmp_path.glob("graph.*"))
    with pytest.raises(AutointelError, match="so there is no graph"):
        formatted("graphml", REPORT, results)


def test_a_file_that_cannot_be_replaced_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "transcript.json").mkdir()

    with pytest.raises(AutointelError, match="could not be written"):
        to_folder(tmp_path, REPORT, RESULTS)

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_only_the_user_may_read_what_is_written(tmp_path: Path) -> None:
    """Whatever the shell's mask is: other users of the machine must not read a private meeting."""
    before = os.umask(0o022)
    try:
        prepare(tmp_path / "early" / "out")
        to_folder(tmp_path / "late", REPORT, RESULTS)
        to_page(tmp_path / "page", REPORT, RESULTS)
        to_file(tmp_path / "page" / "export.jsonl", ["a line\n"])
    finally:
        os.umask(before)

    folders = [tmp_path / name for name in ("early/out", "late", "page")]
    files = [path for folder in folders for path in folder.iterdir()]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_link_that_another_user_put_there_is_not_written_through(tmp_path: Path) -> None:
    """Neither at a file's name nor at one that it could have until it is whole."""
    precious, folder = tmp_path / "precious", tmp_path / "out"
    precious.write_text("mine")
    folder.mkdir()
    for form in ("{}", "{}.tmp", ".{}.tmp", "{}.part", ".{}.part", f".{{}}.{os.getpid()}", f"{{}}.{os.getpid()}"):
        for name in ("report.json", "report.html", "briefing.md"):
            (folder / form.format(name)).symlink_to(precious)

    to_folder(folder, REPORT, RESULTS)

    assert precious.read_text() == "mine"
    assert not (folder / "report.json").is_symlink()


def test_the_folder_is_made_with_its_parents_and_left_empty(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "b")

    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_file_where_the_folder_should_be_is_found_out_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(UsageError, match="Nothing can be written to"):
        prepare(tmp_path / "taken")


def test_what_is_said_aside_covers_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    aside(["The server http://ada:hunter2@db.test/ is down."])

    assert "db.test/ is down" in (said := capsys.readouterr().err)
    assert "hunter2" not in said

"""``autointel show`` and ``autointel sources`` as they are typed."""

from __future__ import annotations

import json
import os
import stat
from contextlib import closing
from pathlib import Path

import pytest
from tests import examples
from tests.fakes.kept import ENDED, INTERRUPTED, keep_runs, keep_talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.cli.app import carry_out_command
from autointel.cli.show_library import show_briefing

Capture = pytest.CaptureFixture[str]
RESULTS = examples.finished(examples.llm_results(), examples.judgments(), markdown="# The briefing\n")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a talk, a run that ended and one that did not."""
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    home = keep_talk(tmp_path / "home")
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        catalogue.passages.store(RESULTS.source, RESULTS.transcript, ())
        catalogue.verdicts.judge(RESULTS.source.id, {claim.id: claim for claim in RESULTS.claims})
    keep_runs(home)
    report = examples.report(RESULTS).model_copy(update={"run_id": ENDED})
    home.write_artifact(ENDED, "report.json", report.model_dump_json().encode())
    home.write_artifact(ENDED, "results.json", RESULTS.model_dump_json().encode())
    return home


def typed(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = carry_out_command(arguments)
    return code, *capsys.readouterr()


@pytest.mark.parametrize("wanted", [ENDED, ENDED[:12], examples.URL, "talk.vtt", RESULTS.source.id])
def test_a_briefing_is_shown_again_by_its_run_or_its_source(wanted: str, kept: Home, capsys: Capture) -> None:
    assert kept.catalogue.exists()
    assert typed(capsys, "show", wanted) == (0, "# The briefing\n", "")


def test_a_source_is_found_by_its_title_and_by_a_part_of_it_where_it_is_the_only_one(
    kept: Home, capsys: Capture
) -> None:
    with closing(SqliteCatalogue(kept.catalogue)) as catalogue:
        alone = RESULTS.source.model_copy(update={"title": "Fares, at last"})
        catalogue.passages.store(alone, RESULTS.transcript, ())

    assert typed(capsys, "show", "fares, AT last")[:2] == (0, "# The briefing\n")
    assert typed(capsys, "show", "at last")[:2] == (0, "# The briefing\n")


def test_a_title_of_two_sources_is_not_guessed_at(kept: Home, capsys: Capture) -> None:
    assert kept.catalogue.exists()

    code, out, err = typed(capsys, "show", "The Cost of Free Transit")

    assert (code, out) == (2, "")
    assert err.startswith("2 sources are called 'The Cost of Free Transit': ")


@pytest.mark.parametrize("wanted", [INTERRUPTED, "nobody's talk", "../.."])
def test_what_has_no_briefing_is_said_and_where_to_look(wanted: str, kept: Home, capsys: Capture) -> None:
    assert kept.catalogue.exists()

    code, out, err = typed(capsys, "show", wanted)

    assert (code, out) == (2, "")
    assert err.splitlines()[1] == "autointel sources lists what has been read."


def test_a_source_without_a_briefing_as_after_an_import_is_named_with_what_makes_one(
    kept: Home, capsys: Capture
) -> None:
    with closing(SqliteCatalogue(kept.catalogue)) as catalogue:
        imported = RESULTS.source.model_copy(update={"id": "elsewhere", "title": "The Quay", "url": None})
        for id_, path in (("elsewhere", "/talks/the quay.vtt"), ("piped", "-")):
            bare = imported.model_copy(update={"id": id_, "title": f"The Quay, {id_}", "path": path})
            catalogue.passages.store(bare, RESULTS.transcript, ())

    of_file, of_pipe = typed(capsys, "show", "The Quay, elsewhere"), typed(capsys, "show", "The Quay, piped")

    again = "autointel run '/talks/the quay.vtt' briefs it again."
    assert of_file == (2, "", f'No briefing of "The Quay, elsewhere" is saved.\n{again}\n')
    assert of_pipe == (2, "", 'No briefing of "The Quay, piped" is saved.\nBrief it again.\n')


def test_a_run_whose_report_was_forgotten_with_a_source_that_it_quoted_says_so(kept: Home, capsys: Capture) -> None:
    (kept.catalogue.parent / "runs" / ENDED / "report.json").unlink()

    code, out, err = typed(capsys, "show", ENDED)

    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"The report of the run {ENDED} is gone."
    assert err.splitlines()[1].endswith("briefs it again.")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("show", "the cost of fre transit"), "The Cost of Free Transit"),
        (("show", "tlak.vtt"), "talk.vtt"),
        (("show", ENDED[:-1] + "x"), ENDED),
        (("compare", "The Cost of Fre Transit", examples.URL), "The Cost of Free Transit"),
        (("forget", "The Cost of Fre Transit"), "The Cost of Free Transit"),
        (("runs", "show", ENDED[:-1] + "x"), ENDED),
        (("resume", INTERRUPTED[:-1] + "x"), INTERRUPTED),
    ],
)
def test_a_misspelt_name_or_id_is_answered_with_the_one_that_is_most_like_it(
    words: tuple[str, ...], meant: str, kept: Home, capsys: Capture
) -> None:
    assert kept.catalogue.exists()

    code, out, err = typed(capsys, *words)

    assert (code, out) == (2, "")
    assert err.splitlines()[1].startswith(f'Did you mean "{meant}"? ')


def test_a_home_that_is_not_there_holds_nothing_and_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "none"))

    assert typed(capsys, "show", ENDED)[0] == 2
    assert typed(capsys, "sources")[:2] == (0, "")
    assert not (tmp_path / "none").exists()


def test_a_briefing_is_shown_in_every_format_and_written_to_a_folder(
    kept: Home, capsys: Capture, tmp_path: Path
) -> None:
    assert kept.catalogue.exists()
    out = tmp_path / "out"

    shown = json.loads(typed(capsys, "show", ENDED, "--json", "--out", str(out))[1])

    assert shown["run_id"] == ENDED
    assert (out / "report.html").exists()
    assert typed(capsys, "show", ENDED, "--md")[1] == "# The briefing\n"
    assert typed(capsys, "show", ENDED, "--format", "srt")[1].startswith("1\n00:04:12,000 --> ")
    assert typed(capsys, "show", ENDED, "--md", "--json")[0] == 2
    assert typed(capsys, "show", ENDED, "--json", "--format", "srt")[0] == 2


def test_what_is_written_to_a_folder_is_closed_to_others_and_follows_no_link(
    kept: Home, capsys: Capture, tmp_path: Path
) -> None:
    assert kept.catalogue.exists()
    out, treasure = tmp_path / "a" / "out", tmp_path / "treasure"
    treasure.write_text("mine")
    before = os.umask(0o022)  # as a shell has it; the program's own start sets another
    typed(capsys, "show", ENDED, "--json", "--out", str(out))
    folder = stat.S_IMODE(out.stat().st_mode)
    (out / "report.json").unlink()
    (out / "report.json").symlink_to(treasure)
    code = typed(capsys, "show", ENDED, "--json", "--out", str(out))[0]
    os.umask(before)

    written = sorted(out.iterdir())
    assert (code, folder, len(written) > 5) == (0, 0o700, True)
    assert {stat.S_IMODE(path.lstat().st_mode) for path in written} == {0o600}
    assert treasure.read_text() == "mine"
    assert not (out / "report.json").is_symlink()


def test_the_page_is_opened_from_the_home(kept: Home, capsys: Capture) -> None:
    opened: list[str] = []

    def browse(address: str) -> bool:
        opened.append(address)
        return True

    code = show_briefing(ENDED, "default", chosen=None, is_opened=True, out=None, color=False, browse=browse)

    page = kept.run_folder(ENDED) / "report.html"
    assert (code, opened) == (0, [page.as_uri()])
    assert "The Cost of Free Transit" in page.read_text()
    assert capsys.readouterr().err == f"page {page}\n"


def test_a_run_of_an_earlier_version_is_shown_from_its_report_and_the_catalogue(kept: Home, capsys: Capture) -> None:
    (kept.run_folder(ENDED) / "results.json").unlink()

    page = typed(capsys, "show", ENDED, "--format", "html")[1]

    assert 'id="t=1120"' in page
    assert "false dilemma" in page


def test_sources_say_title_date_speakers_verdicts_and_run(kept: Home, capsys: Capture) -> None:
    assert kept.catalogue.exists()

    code, out, err = typed(capsys, "sources", "--limit", "1")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "The Cost of Free Transit",
        "   Civic Hour · 2 March 2026 · Mara Lind, Jon Okafor · 1 refuted, 1 not enough",
        "   evidence",
        f"   {examples.URL} · {ENDED}",
    ]


def test_sources_are_json_as_well(kept: Home, capsys: Capture) -> None:
    assert kept.catalogue.exists()

    first, second = json.loads(typed(capsys, "sources", "--json")[1])

    assert first["verdicts"] == {"REFUTED": 1, "NOT_ENOUGH_EVIDENCE": 1}
    assert (first["run_id"], second["run_id"]) == (ENDED, None)


def test_a_run_that_is_done_is_shown_again_where_it_is_resumed(kept: Home, capsys: Capture) -> None:
    assert kept.catalogue.exists()

    code, out, err = typed(capsys, "resume", ENDED[:12])

    assert (code, out) == (7, "# The briefing\n")  # a step of this run's report is not whole
    assert err.splitlines()[0] == "engine local, as before"
    assert f"run {ENDED}" in err

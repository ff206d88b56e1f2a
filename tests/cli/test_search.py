"""``autointel search`` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.kept import keep_talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.cli.app import carry_out_command
from autointel.domain.run import Options, RunId

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def typed(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = carry_out_command(arguments)
    return code, *capsys.readouterr()


def test_a_passage_is_shown_with_its_title_speaker_second_and_link(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    code, out, err = typed(capsys, "search", "do fares cover the cost?", "--limit", "1")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "1  The Cost of Free Transit · Bo  [0:04]",
        '   "Nobody thinks fares cover the cost."',
        "   https://youtube.com/watch?v=x&t=4",
    ]


def test_json_holds_every_passage_with_its_citation(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    code, out, _ = typed(capsys, "search", "fares", "--json")

    found = json.loads(out)
    assert code == 0
    # The first two say it, their neighbours stand beside it.
    assert {each["citation"]["start"] for each in found[:2]} == {0.0, 4.0}
    assert all(each["passage"]["text"] == each["citation"]["quote"] for each in found)
    assert found[0]["source_title"] == "The Cost of Free Transit"


@pytest.mark.parametrize(("more", "out"), [((), ""), (("--json",), "[]\n")])
def test_where_nothing_was_read_it_says_so_kindly_and_makes_nothing(
    more: tuple[str, ...], out: str, home: Path, capsys: Capture
) -> None:
    said = typed(capsys, "search", "fares", *more)

    assert said == (0, out, "Nothing has been read yet.\nStart with autointel run SOURCE.\n")
    assert not home.exists()


def test_namespaces_do_not_see_each_other(home: Path, capsys: Capture) -> None:
    keep_talk(home, namespace="private")

    assert typed(capsys, "search", "fares")[1] == ""
    assert typed(capsys, "search", "fares", "--namespace", "private")[1] != ""
    assert "under 'other'" in typed(capsys, "search", "fares", "--namespace", "other")[2]


@pytest.mark.parametrize(("more", "out"), [((), ""), (("--json",), "[]\n")])
def test_nothing_found_is_said_on_stderr(more: tuple[str, ...], out: str, home: Path, capsys: Capture) -> None:
    keep_talk(home)

    said = typed(capsys, "search", "zeppelins", *more)

    assert said == (0, out, "Nothing relevant is in memory.\nTry other words.\n")


def test_a_memory_whose_file_is_gone_is_said_and_the_words_are_still_found(home: Path, capsys: Capture) -> None:
    for file in keep_talk(home).memory.iterdir():
        file.unlink()

    code, out, err = typed(capsys, "search", "fares")

    assert code == 0
    assert "Fares pay for the buses." in out
    assert err == (
        "Searched by keyword only. The memory holds nothing of what was read:"
        " autointel reindex, with the same --namespace, embeds it.\n"
    )


def test_a_memory_that_no_run_was_to_fill_is_no_fault(home: Path, capsys: Capture) -> None:
    kept = keep_talk(home)
    for file in kept.memory.iterdir():
        file.unlink()
    with closing(SqliteCatalogue(kept.catalogue)) as catalogue:
        run = RunId(id="20260302T120000-3f9a1c", created_at=datetime(2026, 3, 2, 12, tzinfo=UTC))
        catalogue.runs.begin(run, Options(source="talk"))
        catalogue.runs.name(run.id, catalogue.passages.sources()[0])

    code, out, err = typed(capsys, "search", "fares")

    assert (code, err) == (0, "")
    assert "Fares pay for the buses." in out


def test_verbose_tells_how_long_each_strategy_took(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    assert typed(capsys, "search", "fares", "-v")[2].startswith("dense ")


def test_a_hostile_title_reaches_the_terminal_as_a_plain_line(home: Path, capsys: Capture) -> None:
    keep_talk(home, title="\x1b[2J\x1b]0;owned\x07[bold]Talk[/bold]\u202e" + "very " * 60)

    _, out, _ = typed(capsys, "search", "fares")

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert out.startswith("1  [bold]Talk[/bold]very very")
    assert all(len(line) <= 80 for line in out.splitlines())


def test_explain_shows_what_was_understood_and_what_each_search_gave(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    _, out, err = typed(capsys, "search", "Does Bo say fares cover it?", "--explain", "--limit", "1")

    assert "words: " in err
    assert "keyword" in err
    assert "relevance" in out


def test_a_filter_that_lets_nothing_pass_is_named_in_the_hint(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    assert typed(capsys, "search", "fares", "--source", "free transit", "--speaker", "bo")[1] != ""
    assert typed(capsys, "search", "fares", "--source", "nowhere") == (
        0,
        "",
        "Nothing relevant is in memory.\nLoosen --source, --speaker, --since or --until.\n",
    )
    assert typed(capsys, "search", "fares", "--since", "1 May") == (
        2,
        "",
        "--since '1 May' is no day.\nWrite the day as 2026-03-01.\n",
    )


@pytest.mark.parametrize("arguments", [("search",), ("search", "x", "--limit", "0"), ("search", "x", "--nope")])
def test_words_that_are_off_are_told_in_two_sentences(arguments: tuple[str, ...], capsys: Capture) -> None:
    code, out, err = typed(capsys, *arguments)

    assert (code, out, len(err.splitlines())) == (2, "", 2)


def test_a_damaged_catalogue_is_6_and_two_sentences(home: Path, capsys: Capture) -> None:
    keep_talk(home).catalogue.write_bytes(b"no catalogue" * 1000)

    code, out, err = typed(capsys, "search", "fares")

    assert (code, out, len(err.splitlines())) == (6, "", 2)


def modules_of(*command: str) -> set[str]:
    """The modules that a command loads, in a process of its own."""
    look = (
        "import sys\nfrom autointel.cli.app import carry_out_command\n"
        "code = carry_out_command(sys.argv[1:])\nprint(code, *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", look, *command], capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0"
    return set(modules)


@pytest.mark.slow
@pytest.mark.parametrize("command", [("search", "trees and zeppelins of an avenue"), ("ask", "fares"), ("runs",)])
def test_looking_up_imports_neither_crewai_nor_a_vendor_s_client(command: tuple[str, ...], home: Path) -> None:
    keep_talk(home)

    modules = modules_of(*command)

    assert {"crewai", "langchain_core", "langchain_openai", "qdrant_client", "neo4j", "ladybug"}.isdisjoint(modules)


@pytest.mark.slow
def test_a_question_asked_again_loads_neither_embedder_nor_search_nor_the_privacy_gate(home: Path) -> None:
    keep_talk(home)
    heavy = {"numpy", "wordllama", "autointel.memory.search"}

    first, again = modules_of("ask", "fares"), modules_of("ask", "fares")

    assert heavy <= first
    assert (heavy | {"autointel.adapters.privacy.gate", "autointel.pipeline.step", "httpx"}).isdisjoint(again)


def test_a_misspelt_word_is_read_as_the_one_that_was_said_and_the_user_is_told(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    code, out, err = typed(capsys, "search", "counsil", "--limit", "1")

    assert code == 0
    assert "Read counsil as council…" in err
    assert out.startswith("1  The Cost of Free Transit")

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.cli.app import carry_out_command
from autointel.cli.maintenance import _sized
from autointel.domain.run import Options, RunId

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """One talk in the catalogue, nothing in the stores."""
    home = Home(tmp_path / "home")
    home.prepare()
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        catalogue.passages.store(*talk(["Fares pay.", "Buses run late."]))
        catalogue.model_cache.put("question", "reply", 1e9)
    monkeypatch.setitem(os.environ, "AUTOINTEL_HOME", str(home.folder))
    return home


def told(capsys: Capture, *command: str) -> str:
    assert carry_out_command(command) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def test_reindexing_says_what_memory_holds(capsys: Capture) -> None:
    assert told(capsys, "reindex").endswith(": 2 records, 2 embedded anew\n")
    assert json.loads(told(capsys, "reindex", "--json"))["made"] == 0


def test_a_collection_that_is_removed_is_named(home: Home, capsys: Capture) -> None:
    (home.memory / "default-00000000").mkdir()

    assert told(capsys, "reindex").splitlines()[1] == "default-00000000: removed"


def test_a_graph_without_names_is_built_anew_and_the_sources_are_told(capsys: Capture) -> None:
    assert carry_out_command(["reindex", "--graph"]) == 0
    out, err = capsys.readouterr()

    assert out == "ladybug: 0 entities, 0 relations\n"
    assert err.splitlines()[0] == "No name was found in 1 source: The talk."


def test_forgetting_says_what_went(capsys: Capture) -> None:
    assert (
        told(capsys, "forget", "The talk") == '"The talk": 2 passages, 0 runs and all that was made of them are gone.\n'
    )


def test_forgetting_as_json_names_the_source(capsys: Capture) -> None:
    gone = json.loads(told(capsys, "forget", "talk.vtt", "--json"))

    assert [source["title"] for source in gone["sources"]] == ["The talk"]
    assert (gone["passages"], gone["runs"], gone["reports"]) == (2, 0, 0)


def test_a_whole_namespace_is_forgotten_only_by_its_name(capsys: Capture) -> None:
    assert carry_out_command(["forget"]) == 2
    capsys.readouterr()
    assert told(capsys, "forget", "--namespace", "default").startswith('"The talk": 2 passages')


@pytest.mark.parametrize(
    "nothing", [("--", ""), ("--source", " "), ("--chat", ""), ("--namespace", ""), ("--before", "")]
)
def test_an_empty_name_is_not_everything(capsys: Capture, nothing: tuple[str, ...]) -> None:
    assert carry_out_command(["forget", *nothing]) == 2
    capsys.readouterr()

    assert told(capsys, "forget", "--namespace", "default").startswith('"The talk": 2 passages')


def test_nothing_older_is_said_so(capsys: Capture) -> None:
    assert told(capsys, "forget", "--before", "2001-01-01") == "Nothing was there to forget.\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("forget", "--before", "banana"), "--before 'banana' is no day. Write the day as 2026-03-01."),
        (("forget", "--before", ""), "--before '' is no day. Write the day as 2026-03-01."),
        (("import", "nofile"), 'There is no file "nofile". Give a file that export wrote.'),
        (("import", "."), '"." cannot be read: Is a directory. Give a file that export wrote.'),
    ],
)
def test_what_cannot_be_meant_is_refused_in_two_sentences(capsys: Capture, command: tuple[str, ...], said: str) -> None:
    assert carry_out_command(command) == 2
    assert " ".join(capsys.readouterr().err.split()).removeprefix("Error: ") == said


def test_an_export_of_nothing_is_said_to_be_so(capsys: Capture) -> None:
    assert carry_out_command(["export", "--namespace", "zzz"]) == 0
    out, err = capsys.readouterr()

    assert len(out.splitlines()) == 1
    assert err.startswith("Nothing has been read under 'zzz' yet.")


@pytest.mark.parametrize(
    ("quoting", "said"),
    [
        (["Elms"], '1 report of another source quoted it and is gone too: run that one again ("Elms").'),
        (["Elms", "Elms"], '2 reports of another source quoted it and are gone too: run that one again ("Elms").'),
        (list("abcd"), '4 reports of 4 other sources quoted it and are gone too: run those again ("a", "b", "c", …).'),
    ],
)
def test_sources_whose_reports_go_too_are_named(home: Home, capsys: Capture, quoting: list[str], said: str) -> None:
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        for number, title in enumerate(quoting):
            run = RunId(id=f"run-{number}", created_at=datetime(2026, 11, 20, tzinfo=UTC))
            catalogue.runs.begin(run, Options(source=f"{title}.vtt"))
            catalogue.runs.name(run.id, talk(["Elms."], title)[0].model_copy(update={"title": title}))
            home.write_artifact(run.id, "report.json", talk(["Elms."])[0].id.encode())

    assert told(capsys, "forget", "The talk").splitlines()[1] == said


def test_the_cache_is_shown_and_emptied(capsys: Capture) -> None:
    assert told(capsys, "cache").splitlines() == [
        "steps     0, 0 bytes",
        "replies   1, 13 bytes",
        "retrieval 0, 0 bytes, 0 hits, 0 misses, 0 evictions",
        "answer    0, 0 bytes, 0 hits, 0 misses, 0 evictions",
    ]
    assert told(capsys, "cache", "clear").splitlines()[1] == "replies   1 deleted, 13 bytes"
    assert [each["count"] for each in json.loads(told(capsys, "cache", "--json"))] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 bytes"), (999, "999 bytes"), (27_800, "27.8 kB"), (3e6, "3.0 MB"), (4e12, "4,000.0 GB")]
)
def test_sizes_are_said_in_the_largest_unit_that_fits(size: float, said: str) -> None:
    assert _sized(size) == said

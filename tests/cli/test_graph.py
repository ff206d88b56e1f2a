"""``autointel graph`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fakes.kept import keep_graph, keep_lone, keep_talk

from autointel.cli.app import carry_out_command

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def typed(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = carry_out_command(arguments)
    return code, *capsys.readouterr()


def test_an_entity_is_shown_with_its_neighbours_and_the_words_that_say_so(home: Path, capsys: Capture) -> None:
    keep_graph(keep_talk(home))

    code, out, err = typed(capsys, "graph", "tallinn")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Tallinn  place · 4 mentions · low confidence",
        "   co-occurs with Mara Lind  person · ×3",
        '      The Cost of Free Transit  [≈1:15] "Mara Lind went to Tallinn."',
    ]


def test_a_relation_is_read_from_its_other_end_too(home: Path, capsys: Capture) -> None:
    keep_graph(keep_talk(home))

    assert "   Tallinn co-occurs with it  place · ×3" in typed(capsys, "graph", "lind")[1].splitlines()


def test_an_entity_that_stands_alone_is_shown_with_the_sentences_that_name_it(home: Path, capsys: Capture) -> None:
    keep_lone(keep_talk(home), "Fares")

    out = typed(capsys, "graph", "fares")[1]
    (known,) = json.loads(typed(capsys, "graph", "fares", "--json")[1])

    head, *quotes = out.splitlines()
    assert head == "Fares  place · 4 mentions · low confidence"
    assert 1 <= len(known["quotes"]) <= 3
    assert all("fares" in quote["citation"]["quote"].lower() for quote in known["quotes"])
    assert known["quotes"][0]["citation"]["quote"] in " ".join(map(str.strip, quotes))


@pytest.mark.parametrize(("more", "out"), [((), ""), (("--json",), "[]\n")])
def test_a_name_that_no_source_says_any_more_is_not_shown(
    more: tuple[str, ...], out: str, home: Path, capsys: Capture
) -> None:
    keep_lone(keep_talk(home), "Atlantis")

    said = typed(capsys, "graph", "atlantis", *more)

    assert said == (0, out, "No entity matches 'atlantis'.\nTry a part of the name.\n")


def test_several_entities_that_fit_stand_apart(home: Path, capsys: Capture) -> None:
    keep_graph(keep_talk(home))

    assert typed(capsys, "graph", "l")[1].count("\n\n") == 1


def test_json_holds_entities_and_neighbours_and_says_which_times_are_estimated(home: Path, capsys: Capture) -> None:
    keep_graph(keep_talk(home))

    (known,) = json.loads(typed(capsys, "graph", "Tallinn", "--json")[1])

    assert known["entity"]["name"] == "Tallinn"
    assert known["neighbours"][0]["entity"]["name"] == "Mara Lind"
    provenance = known["neighbours"][0]["provenance"][0]
    assert (provenance["start"], provenance["approximate"], provenance["contradicted_by"]) == (75.0, True, [])


@pytest.mark.parametrize(("more", "out"), [((), ""), (("--json",), "[]\n")])
def test_an_unknown_name_is_no_failure(more: tuple[str, ...], out: str, home: Path, capsys: Capture) -> None:
    keep_graph(keep_talk(home))

    said = typed(capsys, "graph", "Atlantis", *more)

    assert said == (0, out, "No entity matches 'Atlantis'.\nTry a part of the name.\n")


def test_a_graph_that_was_never_made_is_not_made(home: Path, capsys: Capture) -> None:
    kept = keep_talk(home)

    assert typed(capsys, "graph", "Tallinn")[0] == 0
    assert list(kept.graph.iterdir()) == []


def test_where_nothing_was_read_it_says_so_kindly(home: Path, capsys: Capture) -> None:
    code, out, err = typed(capsys, "graph", "Tallinn", "--json")

    assert (code, out) == (0, "[]\n")
    assert err.startswith("Nothing has been read yet.")
    assert not home.exists()


def test_a_misspelt_name_is_answered_with_the_nearest(home: Path, capsys: Capture) -> None:
    keep_graph(keep_talk(home))

    assert typed(capsys, "graph", "Talinn") == (0, "", "No entity matches 'Talinn'.\nNearest: Tallinn.\n")
    assert typed(capsys, "graph", "Lynd")[2].endswith("Nearest: Mara Lind.\n")


def test_the_privacy_gate_reads_the_name_too(home: Path, capsys: Capture) -> None:
    keep_graph(keep_talk(home))

    assert typed(capsys, "graph", "bo@example.org", "--privacy", "block")[0] == 2
    assert typed(capsys, "ledger", "bo@example.org", "--privacy", "block")[0] == 2
    assert typed(capsys, "graph", "Tallinn", "--privacy", "block")[0] == 0

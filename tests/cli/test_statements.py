"""``ledger`` and ``compare`` over two talks: who said what, and where they differ, each with its quote."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autointel.cli.app import carry_out_command

pytestmark = [pytest.mark.xdist_group("crew"), pytest.mark.slow]
Capture = pytest.CaptureFixture[str]

_FIRST = """\
Ada Brandt: The ridership in Tallinn rose by 14 percent in the first year after fares were abolished there.

Jon Okafor: Fares in Tallinn covered 33 percent of what the buses and trams cost the city before that.

Ada Brandt: The council of Tallinn voted for free buses in a referendum, and three quarters agreed with it.

Jon Okafor: People in Tallinn still drive as much as they did, because parking in the centre stays cheap.
"""
_SECOND = """\
Mara Lind: The ridership in Tallinn rose by 3 percent in the first year after fares were abolished there.

Tomas Reyes: Fares in Dunkirk covered a tenth of what the buses cost before the town made them free.

Mara Lind: The council of Dunkirk never held a referendum, and the mayor decided on free buses alone.

Tomas Reyes: People in Dunkirk left the car at home on one trip in ten, as a survey of riders found.
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which both talks were read; each test gets a copy."""
    folder = tmp_path_factory.mktemp("read")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOINTEL_HOME", str(folder / "home"))
        for name, text in (("tallinn.txt", _FIRST), ("dunkirk.txt", _SECOND)):
            (folder / name).write_text(text)
            assert carry_out_command(["run", "-q", "--language", "en", str(folder / name)]) == 0
    return folder / "home"


@pytest.fixture(autouse=True)
def home(read: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    shutil.copytree(read, tmp_path / "home")
    capsys.readouterr()


def test_the_ledger_names_who_said_what_of_a_place(capsys: Capture) -> None:
    assert carry_out_command(["ledger", "Tallinn"]) == 0

    out = capsys.readouterr().out
    assert "Ada Brandt" in out
    assert "Mara Lind" in out
    assert "rose by 14 percent" in out
    assert out.rstrip().endswith("is not judged without a model.")
    assert "Dunkirk covered" not in out


def test_the_ledger_as_json_carries_quotes(capsys: Capture) -> None:
    assert carry_out_command(["ledger", "--json", "Ridership in Tallinn rose by 14 percent."]) == 0

    assert "rose by 14 percent" in json.dumps(json.loads(capsys.readouterr().out))


def test_what_nobody_spoke_of_is_said_to_be_so(capsys: Capture) -> None:
    carry_out_command(["ledger", "Zanzibar"])

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Nobody in memory says anything of that.")


def test_two_talks_are_compared_with_numbers_that_differ(capsys: Capture) -> None:
    assert carry_out_command(["compare", "tallinn", "dunkirk"]) == 0

    out = capsys.readouterr().out
    assert "14 percent" in out
    assert "3 percent" in out


def test_a_comparison_as_json_can_be_read(capsys: Capture) -> None:
    assert carry_out_command(["compare", "--json", "tallinn", "dunkirk"]) == 0

    assert json.loads(capsys.readouterr().out)


def test_one_source_is_not_compared_with_itself(capsys: Capture) -> None:
    assert carry_out_command(["compare", "tallinn", "tallinn"]) == 2
    assert "cannot be compared" in capsys.readouterr().err


def test_what_recurs_in_a_batch_is_shown_with_where_it_was_said_first(tmp_path: Path, capsys: Capture) -> None:
    said = "The reservoir above Kestrel Dam held nine million litres when the inspectors measured it in spring."
    days = {"late": "2024-05-01", "early": "2021-02-03", "middle": "2022-02-03"}
    talks = tmp_path / "talks"
    talks.mkdir()
    for name, day in days.items():
        own = f"The {name} speaker had nothing further to add about the committee and its long evening."
        (talks / f"{name}.md").write_text(
            f"---\ntitle: The {name} talk\ndate: {day}\n---\n\nAda: {said}\n\nJon: {own}\n"
        )
    assert carry_out_command(["batch", "start", "-q", str(talks)]) == 0
    capsys.readouterr()
    assert carry_out_command(["batch", "--json"]) == 0
    batch = json.loads(capsys.readouterr().out)[0]["batch"]

    assert carry_out_command(["compare", "--json", "--batch", batch]) == 0

    found = json.loads(capsys.readouterr().out)
    (recurring,) = [each for each in found["recurring"] if "Kestrel" in each["first"]["citation"]["quote"]]
    order = [recurring["first"], *recurring["again"]]
    assert [found["titles"][each["source"] - 1] for each in order] == [
        "The early talk",
        "The middle talk",
        "The late talk",
    ]
    assert carry_out_command(["compare", "--batch", batch]) == 0
    assert "Said in 3 sources" in capsys.readouterr().out


def test_a_batch_that_is_not_there_is_not_compared(capsys: Capture) -> None:
    assert carry_out_command(["compare", "--batch", "20990101T000000"]) == 2
    assert "There is no batch" in capsys.readouterr().err


def test_a_second_that_was_worked_out_is_marked_in_search_and_ledger(tmp_path: Path, capsys: Capture) -> None:
    long = " ".join(
        f"The {word} bridge carries a road over the river." for word in ("stone", "iron", "wooden", "Kestrel")
    )
    (tmp_path / "bridges.vtt").write_text(f"WEBVTT\n\n00:00:00.000 --> 00:00:20.000\n<v Ada>{long}\n")
    assert carry_out_command(["run", "-q", "--language", "en", str(tmp_path / "bridges.vtt")]) == 0
    capsys.readouterr()

    carry_out_command(["search", "Kestrel"])
    carry_out_command(["ledger", "Kestrel"])

    assert capsys.readouterr().out.count("[≈0:1") == 2

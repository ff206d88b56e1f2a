"""After ``forget``, no file of a home that was really used holds a word of what is gone: pages, logs, caches, runs."""

from __future__ import annotations

import io
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.cli.app import carry_out_command
from autointel.domain.run import Options, RunId
from autointel_bench.simulated import Profile, SimulatedModel

TALK: Final = """\
Ada Quillmarsh: The harbour at Velmondt lost forty zandrils in the spring of 2019.
Bo Trevannick: I disagree, the zandrils were sold to Oskervale for ninety thousand kelps.
Ada Quillmarsh: Oskervale never paid, and the brundle committee of Velmondt knows why.
Bo Trevannick: Then the brundle committee should publish the plimsett ledger by Friday.
"""
OTHER: Final = """\
Cleo: Lanterns along Lock Street cost the council two million euros a year.
Dan: Without lanterns, the night bus would carry fewer people, and the council knows why.
"""
GONE: Final = ("quillmarsh", "velmondt", "zandril", "trevannick", "oskerval", "kelps", "brundle", "plimsett")
"""Words, or the stems under which they are indexed, that no other file of the world holds."""


def autointel(*words: str) -> None:
    assert carry_out_command(list(words)) == 0, words


def holding(home: Path) -> dict[str, list[str]]:
    """Every file under the home with the words of ``GONE`` in its bytes, free pages and write-ahead logs included."""
    found = {path: path.read_bytes().lower() for path in home.rglob("*") if path.is_file()}
    words = {str(path.relative_to(home)): [word for word in GONE if word.encode() in found[path]] for path in found}
    return {path: some for path, some in words.items() if some}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two talks read twice, by code and by a model; searched, asked, talked with, and one run cut short."""
    home = tmp_path / "home"
    monkeypatch.setenv("AUTOINTEL_HOME", str(home))
    talk, other = tmp_path / "harbour.txt", tmp_path / "lanterns.txt"
    talk.write_text(TALK, encoding="utf-8")
    other.write_text(OTHER, encoding="utf-8")
    with SimulatedModel(Profile()) as server:
        monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", server.base_url)
        autointel("run", str(other), "--engine", "local", "--no-fact-check", "-q")
        for engine in ("local", "llm"):
            autointel("run", str(talk), "--engine", engine, "--no-fact-check", "-q")
        autointel("ask", "Did the brundle committee publish anything?")
        autointel("search", "zandrils of Velmondt", "--explain")
        autointel("ledger", "Velmondt")
        autointel("compare", "harbour", "lanterns")
        monkeypatch.setattr("sys.stdin", io.StringIO("Why did the harbour lose so much?\nAnd who paid?\n"))
        autointel("chat", "harbour")
    with closing(SqliteCatalogue(home / "catalogue.sqlite3")) as catalogue:
        cut_short = RunId(id="cut-short", created_at=datetime.now(UTC))
        catalogue.runs.begin(cut_short, Options(source=str(talk)))
    for unfinished in ("results.json", "report.html"):
        path = home / "runs" / "cut-short" / unfinished
        path.parent.mkdir(exist_ok=True)
        path.write_text(TALK, encoding="utf-8")
    return home


@pytest.mark.slow
@pytest.mark.parametrize("way", ["source", "before", "namespace"])
def test_no_byte_of_a_forgotten_source_stays_in_any_file_of_the_home(
    way: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = holding(home)
    if way == "before":
        with closing(SqliteCatalogue(home / "catalogue.sqlite3")) as catalogue:
            catalogue.connection.write("UPDATE sources SET stored_at = 1e9 WHERE title LIKE '%harbour%'")
    typed = {"source": ["--source", str(home.parent / "harbour.txt")], "before": ["--before", "2010-01-01"]}
    # Another program that has the catalogue open keeps its write-ahead log from being removed.
    with closing(sqlite3.connect(home / "catalogue.sqlite3")) as other:
        other.execute("SELECT count(*) FROM passages").fetchone()

        autointel("forget", *typed.get(way, ["--namespace", "default"]))

        assert holding(home) == {}
    kinds = {re.sub(r"\W.*", "", path) for path in before}
    assert kinds >= {"catalogue", "graph", "runs", "chats"}
    assert "Harbour" in capsys.readouterr().out
    assert bool(list((home / "runs").iterdir())) is (way != "namespace")

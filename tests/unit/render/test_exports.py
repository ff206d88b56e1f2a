from __future__ import annotations

import re
from typing import Any, get_args

import pytest
import yaml
from lxml import etree
from tests import examples
from tests.hostile import NAUGHTY, everything, poisoned

from autointel.adapters.sources.parse import parse
from autointel.cli.options import Format
from autointel.domain.notes import EntityKind, EntityMention
from autointel.domain.report import Results
from autointel.domain.transcript import Segment, Transcript
from autointel.render.exports import FORMATS, graphml, mermaid, subrip, transcript_markdown, vault_note, webvtt

REPORT, RESULTS = everything()
XMLNS = {"g": "http://graphml.graphdrawing.org/xmlns"}


def test_every_format_of_the_command_line_is_written() -> None:
    assert tuple(FORMATS) == get_args(Format)
    assert all(export(REPORT, RESULTS) for export in FORMATS.values())


def test_the_transcript_stands_by_chapter_and_speaker_with_its_times() -> None:
    assert transcript_markdown(REPORT, RESULTS).splitlines() == [
        "# The Cost of Free Transit",
        "",
        "## fares",
        "",
        "**Mara Lind** (4:12) Nobody at this table thinks fares cover it.",
        "",
        "## gap",
        "",
        f"**Jon Okafor** (18:40) {examples.LINES[1][2]} {examples.LINES[2][2]}",
        "",
        "**Mara Lind** (51:03) The gap is eleven million, and somebody has to carry it.",
    ]


def test_subtitles_have_their_times_and_speakers() -> None:
    assert subrip(REPORT, RESULTS).startswith(
        "1\n00:04:12,000 --> 00:04:16,000\nMara Lind: Nobody at this table thinks fares cover it.\n\n2\n00:18:40,000"
    )
    assert webvtt(REPORT, RESULTS).startswith(
        "WEBVTT\n\n00:04:12.000 --> 00:04:16.000\n<v Mara Lind>Nobody at this table thinks fares cover it.\n\n00:18:40"
    )


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_no_text_ends_a_subtitle_early(text: str) -> None:
    segments = (Segment(text=f"a {text} b", start=1.0, end=2.0, speaker="Ada"), Segment(text="c", start=2.0, end=3.0))
    results = RESULTS.model_copy(update={"transcript": Transcript(segments=segments)})

    assert webvtt(REPORT, results).count("-->") == subrip(REPORT, results).count("-->") == 2
    assert "<s" not in webvtt(REPORT, results)


def test_webvtt_is_read_back_as_it_was_written() -> None:
    read = parse(webvtt(REPORT, RESULTS).encode(), "talk.vtt")

    assert [(each.start, each.speaker, each.text) for each in read.segments] == list(examples.LINES)


def test_the_note_has_its_facts_in_front_and_its_entities_as_links() -> None:
    briefing = REPORT.briefing.model_copy(
        update={
            "markdown": '# A page\n\n- "Tallinn grew"\n\n## Entities (low)\n\n'
            "Tallinn (place, 12) · Mara Lind (place, 7)\n"
        }
    )
    _, head, body = vault_note(REPORT.model_copy(update={"briefing": briefing}), RESULTS).split("---\n", 2)

    facts = yaml.safe_load(head)
    assert facts["title"] == "The Cost of Free Transit"
    assert facts["speakers"] == ["Mara Lind", "Jon Okafor"]
    assert facts["entities"] == ["[[Tallinn]]", "[[Mara Lind]]", "[[Riga]]"]
    assert facts["verdicts"] == {"refuted": 1, "not enough evidence": 1}
    assert body.endswith("[[Tallinn]] (place, 12) · [[Mara Lind]] (place, 7)\n")
    assert '"Tallinn grew"' in body


@pytest.mark.uncounted
@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_hostile_names_stay_names_in_every_graph_and_note(text: str) -> None:
    report, results = poisoned(REPORT, text), poisoned(RESULTS, text)

    facts: Any = yaml.safe_load(vault_note(report, results).split("---\n", 2)[1])
    root = etree.fromstring(graphml(report, results).encode())

    assert all(re.fullmatch(r"\[\[[^\[\]|#^]+\]\]", link) for link in facts.get("entities", []))
    assert len(root.findall(".//g:edge", XMLNS)) == 1
    assert all(line.startswith(("graph LR", "  n")) for line in mermaid(report, results).splitlines())


def test_the_graph_has_the_quote_behind_each_relation() -> None:
    root = etree.fromstring(graphml(REPORT, RESULTS).encode())

    labels = [node.findtext("g:data[@key='label']", namespaces=XMLNS) for node in root.findall(".//g:node", XMLNS)]
    [edge] = root.findall(".//g:edge", XMLNS)
    assert labels == ["Tallinn", "Mara Lind", "Riga"]
    assert (edge.get("source"), edge.get("target")) == ("n1", "n2")
    assert edge.findtext("g:data[@key='quote']", namespaces=XMLNS) == "Tallinn's ridership doubled within a year."
    assert edge.findtext("g:data[@key='place']", namespaces=XMLNS) == "18:40"


def naming(name: str) -> Results:
    entity = EntityMention(name=name, kind=EntityKind.PLACE, citations=(examples.cited(1),))
    notes = RESULTS.notes.model_copy(update={"relations": (), "entities": (entity,)})
    return RESULTS.model_copy(update={"notes": notes})


def test_a_drawing_has_the_relations_or_else_the_names() -> None:
    assert mermaid(REPORT, RESULTS) == ('graph LR\n  n1["Tallinn"]\n  n2["Mara Lind"]\n  n1 -->|"co-occurs with"| n2\n')
    assert mermaid(REPORT, naming('A "b"')) == 'graph LR\n  n1["A #34;b#34;"]\n'
    assert mermaid(REPORT, naming("\u200b")) == 'graph LR\n  n1["unnamed"]\n'  # an empty label is an error there

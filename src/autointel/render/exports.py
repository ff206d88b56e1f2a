"""The transcript, the notes and the graph of a run in the formats of other programs. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from autointel.domain.notes import EntityMention, RelationMention
from autointel.domain.report import Report, Results
from autointel.domain.transcript import Segment
from autointel.render.markdown import escaped
from autointel.render.plain_text import plain, shortened
from autointel.render.sections import sheet_of
from autointel.render.sheet import place_of

_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What ends or splits a wiki link in Obsidian.
_NOT_IN_A_LINK: Final = re.compile(r"[\[\]|#^\\/:]")
_ENTITIES: Final = "## Entities"
_BETWEEN: Final = " · "
_MOST_IN_A_DRAWING: Final = 60  # relations; more of them no drawing tool lays out legibly
_LABEL: Final = 60

Export = Callable[[Report, Results], str]
_KEYS: Final = (
    *(("label", "node", "string"), ("kind", "node", "string"), ("mentions", "node", "int")),
    *(("relation", "edge", "string"), ("weight", "edge", "int"), ("quote", "edge", "string")),
    ("place", "edge", "string"),
    ("valid_from", "edge", "string"),
)


def transcript_markdown(report: Report, results: Results) -> str:
    """The transcript by chapter and speaker, each paragraph with its place."""
    from autointel.render.html.transcript import TranscriptView

    view = TranscriptView(results)
    sheet = sheet_of(results, report.briefing.judgments)
    lines = [f"# {escaped(sheet.title)}", ""]
    for part in view.parts:
        lines += [f"## {escaped(part.title)}", ""]
        for turn in part.turns:
            first = turn.lines[0]
            who = f"**{escaped(turn.speaker)}** " if turn.speaker and not turn.goes_on else ""
            said = " ".join(plain(line.text) for line in turn.lines)
            lines += [f"{who}{escaped(f'({first.at})')} {escaped(said)}", ""]
    return "\n".join(lines)


def subrip(_: Report, results: Results) -> str:
    """The transcript as SubRip subtitles; empty for a source without times."""
    cues = (
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{_said(segment)}\n"
        for number, (start, end, segment) in enumerate(_timed(results), 1)
    )
    return "\n".join(cues)


def webvtt(_: Report, results: Results) -> str:
    """The transcript as WebVTT with its speakers; empty for a source without times."""
    cues = [
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_voiced(segment)}\n" for start, end, segment in _timed(results)
    ]
    return "\n".join(["WEBVTT\n", *cues]) if cues else ""


def _timed(results: Results) -> Iterator[tuple[float, float, Segment]]:
    for segment in results.transcript.segments:
        if segment.start is not None and segment.end is not None and plain(segment.text):
            # A player shows nothing for no time at all.
            yield segment.start, max(segment.end, segment.start + 0.001), segment


def _clock(seconds: float, mark: str) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{mark}{milliseconds:03}"


def _said(segment: Segment) -> str:
    who = plain(segment.speaker or "")
    return f"{who}: {_arrowless(segment.text)}" if who else _arrowless(segment.text)


def _voiced(segment: Segment) -> str:
    text = _arrowless(segment.text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    who = re.sub(r"[<>&]", " ", plain(segment.speaker or "")).strip()
    return f"<v {who}>{text}" if who else text


def _arrowless(text: str) -> str:
    """A text cannot hold the arrow that separates a cue's times."""
    return plain(text).replace("-->", "→")


def vault_note(report: Report, results: Results) -> str:
    """The briefing with front matter, and its entities as wiki links: a note for Obsidian and its like."""
    import yaml

    source = report.source
    counts: dict[str, int] = {}
    for claim in report.fact_check.claims:
        word = (claim.verdict or "not checked").replace("_", " ").lower()
        counts[word] = counts.get(word, 0) + 1
    facts: dict[str, Any] = {
        "title": plain(source.title),
        "author": plain(source.author or ""),
        "date": source.published_at.isoformat() if source.published_at else "",
        "source": plain(source.url or source.path or ""),
        "kind": str(source.kind),
        "language": source.language or "",
        "speakers": [plain(speaker) for speaker in report.transcript.speakers],
        "entities": [f"[[{link}]]" for each in results.notes.entities[:25] if (link := _link(each.name))],
        "verdicts": counts,
        "tags": ["autointel"],
        "simulated": report.simulated,
        "run": report.run_id,
        "created": report.created_at.isoformat(timespec="seconds"),
    }
    filled = {key: value for key, value in facts.items() if value}
    head = yaml.safe_dump(filled, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{head}---\n\n{_linked(report.briefing.markdown, results)}"


def _linked(markdown: str, results: Results) -> str:
    """The Markdown with the names in its section of entities as wiki links; quotes are never changed."""
    head, title, rest = markdown.partition(_ENTITIES)
    if not title:
        return markdown
    lines = rest.split("\n")
    names = {escaped(plain(each.name)): _link(each.name) for each in results.notes.entities}
    for index, line in enumerate(lines):
        if line and index:
            items = line.split(_BETWEEN)
            lines[index] = _BETWEEN.join(_as_link(item, names) for item in items)
            break
    return head + title + "\n".join(lines)


def _as_link(item: str, names: Mapping[str, str]) -> str:
    name, opening, remark = item.rpartition(" (")
    link = names.get(name)
    return f"[[{link}]]{opening}{remark}" if link else item


def _link(name: str) -> str:
    """The name as a note's title; empty where nothing of it can be one."""
    return " ".join(_NOT_IN_A_LINK.sub(" ", plain(name)).split())


def graphml(_: Report, results: Results) -> str:
    """The entities and their relations as GraphML, each relation with its quote; empty where nothing is named."""
    from lxml import etree

    names = _numbered(results.notes.entities, results.notes.relations)
    if not names:
        return ""
    known = {entity.name: entity for entity in results.notes.entities}
    root = etree.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    for key, of, kind in _KEYS:
        etree.SubElement(root, "key", {"id": key, "for": of, "attr.name": key, "attr.type": kind})
    graph = etree.SubElement(root, "graph", edgedefault="directed")
    for name, node_id in names.items():
        node = etree.SubElement(graph, "node", id=node_id)
        entity = known.get(name)
        _data(node, label=name, kind=entity.kind if entity else "other", mentions=entity.mentions if entity else 1)
    for number, relation in enumerate(results.notes.relations, 1):
        ends = {"source": names[relation.subject], "target": names[relation.object]}
        edge = etree.SubElement(graph, "edge", {"id": f"e{number}", **ends})
        cited = relation.citation
        _data(edge, relation=relation.predicate, weight=relation.weight, quote=cited.quote, place=place_of(cited))
        if results.source.published_at:
            _data(edge, valid_from=results.source.published_at.isoformat())
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def _data(element: Any, **values: object) -> None:
    from lxml import etree

    for key, value in values.items():
        etree.SubElement(element, "data", key=key).text = _NOT_IN_XML.sub("", plain(str(value)))


def mermaid(_: Report, results: Results) -> str:
    """The heaviest relations as a Mermaid flow chart, else the names alone; empty where nothing is named."""
    heaviest = sorted(results.notes.relations, key=lambda each: -each.weight)[:_MOST_IN_A_DRAWING]
    names = _numbered((), heaviest) if heaviest else _numbered(results.notes.entities, ())
    if not names:
        return ""
    lines = ["graph LR", *(f'  {node}["{_label(name)}"]' for name, node in names.items())]
    lines += [f'  {names[each.subject]} -->|"{_label(each.predicate)}"| {names[each.object]}' for each in heaviest]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    """Text that cannot end its label, and that is never empty, which Mermaid refuses; characters by their numbers."""
    shown = shortened(plain(text), _LABEL) or "unnamed"
    return "".join(
        each if each.isalnum() or each in " .,-'()" or not each.isascii() else f"#{ord(each)};" for each in shown
    )


def _numbered(entities: Sequence[EntityMention], relations: Sequence[RelationMention]) -> dict[str, str]:
    ends = (name for relation in relations for name in (relation.subject, relation.object))
    names = dict.fromkeys([*(entity.name for entity in entities), *ends])
    return {name: f"n{number}" for number, name in enumerate(names, 1)}


def _page(report: Report, results: Results) -> str:
    from autointel.render.html.page import html_page

    return html_page(report, results)


FORMATS: Final[Mapping[str, Export]] = {
    "markdown": lambda report, _: report.briefing.markdown,
    "json": lambda report, _: report.model_dump_json(indent=2) + "\n",
    "html": _page,
    "obsidian": vault_note,
    "transcript": transcript_markdown,
    "srt": subrip,
    "vtt": webvtt,
    "graphml": graphml,
    "mermaid": mermaid,
}
"""Every format that standard output can have, by the name that ``--format`` takes."""

FILES: Final[Mapping[str, Export]] = {
    "report.json": FORMATS["json"],
    "report.html": _page,
    "briefing.md": vault_note,
    "transcript.md": transcript_markdown,
    "transcript.srt": subrip,
    "transcript.vtt": webvtt,
    "graph.graphml": graphml,
    "graph.mmd": mermaid,
}
"""The files of a run's folder that are text for people and programs; an empty one is left out."""

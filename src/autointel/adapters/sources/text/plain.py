"""Plain text and Markdown transcripts: paragraphs, with the speakers and times that their lines begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from autointel.adapters.sources.draft import Cue, Draft, Mark
from autointel.adapters.sources.labels import read_label
from autointel.adapters.sources.likelihood import Sighting
from autointel.adapters.sources.markup import clean, in_capitals, one_line
from autointel.adapters.sources.name_evidence import Names, believed_names
from autointel.adapters.sources.normalise import LONGEST, cut
from autointel.adapters.sources.text import markdown
from autointel.adapters.sources.text.headers import (
    is_chat,
    joined,
    parted,
    with_bare_times_marked,
    with_directions,
    with_fields,
    with_titles,
    without_chapter_list,
    without_left_out,
)
from autointel.adapters.sources.text.markdown import split_front_matter
from autointel.adapters.sources.text.notation import Axis, in_one_notation, is_schedule
from autointel.adapters.sources.text.paragraphs import (
    EMPTY,
    Line,
    by_habit,
    gather,
    lines_are_paragraphs,
    markdown_line,
    text_line,
)
from autointel.adapters.sources.text.timing import Stamp, are_timed, place
from autointel.adapters.sources.turns import SPEAKER_TURN, at_chevrons, inner_labels
from autointel.adapters.sources.unspoken import (
    is_imprint,
    is_sound,
    with_columns,
    with_remarks_joined,
    without_line_numbers,
    without_program_lines,
    without_tool_lines,
)
from autointel.domain.transcript import Chapter, SourceKind, word_count

# A title and a date may stand above the first label.
_HEAD: Final = 4
_SCHEDULE: Final = "The times are hours of the day, as in an agenda; they are left in the words and time nothing."


def parse_text(text: str) -> Draft:
    """Plain text: paragraphs divided by empty lines."""
    return _parse(text, SourceKind.TEXT)


def _parse(text: str, kind: SourceKind) -> Draft:
    written = _written(text, kind)
    notes, scheduled, axis = written.notes, written.scheduled, written.axis
    read = markdown_line if kind is SourceKind.MARKDOWN else text_line
    lines, chapters = without_chapter_list(list(_at_voices(written.lines, read)))
    lines = joined(by_habit(lines))
    chat = axis == "day" and is_chat(lines)
    if chat:
        lines, left_out = without_left_out(lines)
        notes += left_out
    names = _names_in(lines, written.people, chat=chat)
    lines = with_bare_times_marked(with_directions(with_titles(list(parted(lines, names)))), names, chat=chat)
    timed = axis is not None or (not scheduled and _are_timed(lines, names))
    marked = sum(line.label is not None and line.label.mark.startswith(">>") for line in lines) > 1
    believed = [part for line in lines for part in _parted(line.read(names, timed=timed, marked=marked), names)]
    draft = Draft(kind, [], warnings=notes)
    raws = [line.raw for line in lines]
    each_line = not (timed or written.wrapped) and lines_are_paragraphs(raws)
    _fill(draft, gather(believed, each_line=each_line, capitals=in_capitals("\n".join(raws))))
    _list_chapters(draft, chapters)
    if draft.marks and draft.marks[0].cue == 0 and kind is SourceKind.MARKDOWN:
        # A heading before any word names the whole.
        draft.title = draft.marks.pop(0).title
    if timed:
        draft.warnings += place(draft.cues)
    return draft


@dataclass(frozen=True)
class _Written:
    """The lines of a text in one notation, without what programs and clerks write around them.

    ``axis`` is the one that times of another notation were put on, ``people`` whom tables name; ``wrapped`` says that
    remarks stood on several lines.
    """

    lines: list[str]
    notes: list[str]
    axis: Axis | None
    people: list[str]
    scheduled: bool
    wrapped: bool


def _written(text: str, kind: SourceKind) -> _Written:
    lines, printed = without_program_lines(without_line_numbers(list(_bounded(clean(text)))))
    lines, gone = with_columns(lines)
    lines, framed = without_tool_lines(with_fields(lines))
    whole = with_remarks_joined(lines)
    wrapped = len(whole) < len(lines)
    people: list[str] = []
    if kind is SourceKind.MARKDOWN:
        whole, people = markdown.with_blocks_closed(whole)
        bare = [markdown.plain_head(line) for line in whole]
    else:
        bare = _at_chevrons(whole)
    scheduled = is_schedule(bare)
    found, noted, axis = (bare, [_SCHEDULE], None) if scheduled else in_one_notation(bare)
    return _Written(found, [*printed, *gone, *framed, *noted], axis, people, scheduled, wrapped)


def _names_in(lines: Sequence[Line], people: Sequence[str], *, chat: bool) -> Names:
    filled = [line for line in lines if line.raw]
    return believed_names(
        [
            Sighting(line.label, sure=line.inner is not None or (chat and line.stamp is not None))
            for line in filled
            if line.label and line.label.name is not None
        ],
        (line.raw for line in filled),
        stretches=len(filled),
        first=[line.label for line in filled[:_HEAD] if line.label and line.label.name is not None],
        timed=any(line.stamp or line.inner for line in filled),
        given=people,
        blocks=_blocks(lines),
    )


def _are_timed(lines: Sequence[Line], names: Names) -> bool:
    """Whether the times that lines begin with, or that follow a believed name, are times of the words."""
    filled = [line for line in lines if line.raw]
    stamps = [
        line.stamp or (line.inner if line.label and names.of(line.label) else None)
        for line in lines
        if line.raw or line.stamp
    ]
    words = sum(word_count(line.raw) for line in filled)
    return are_timed([stamp.start for stamp in stamps if stamp], len(filled), words)


def _list_chapters(draft: Draft, chapters: Sequence[Stamp]) -> None:
    if chapters:
        draft.listed = [
            Chapter(title=one_line(chapter.rest), start=chapter.start / 1000, end=None if end is None else end / 1000)
            for chapter, end in zip(chapters, [*(each.start for each in chapters[1:]), None], strict=True)
        ]
        draft.warnings.append(f"A list of {len(chapters)} chapters above the text was left out of the words.")


def _bounded(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if len(line) <= LONGEST:
            yield line
            continue
        for piece in cut(line):
            yield piece
            yield ""


def _at_chevrons(lines: list[str]) -> list[str]:
    """The lines cut before each ">>" inside them, where ">>" marks who speaks."""
    if sum(line.lstrip().startswith(">>") for line in lines) < 2:  # noqa: PLR2004 -- one may be anything
        return lines
    return [part for line in lines for part in at_chevrons(line, habitual=True)]


def _at_voices(lines: Sequence[str], read: Callable[[str], Line]) -> Iterator[Line]:
    """The lines taken apart, without a recogniser's marks of another voice; whose words stand below one is unknown."""
    opens = False
    for line in lines:
        bare = SPEAKER_TURN.sub(" ", line) if "[SPEAKER" in line else line
        taken = _indented(read(bare), bare) if bare.strip() else EMPTY
        yield replace(taken, unknown=True) if opens and taken.raw else taken
        opens = bare is not line or (opens and not taken.raw)


def _indented(line: Line, written: str) -> Line:
    spaces = len(written) - len(written.lstrip())
    return replace(line, indent=spaces) if spaces and line.raw else line


def _blocks(lines: Sequence[Line]) -> int:
    """How many lines with words stand below an empty line, or first."""
    return sum(bool(line.raw) and not (index and lines[index - 1].raw) for index, line in enumerate(lines))


def _parted(line: Line, names: Names) -> Iterator[Line]:
    """A line cut at the labels inside it: "So it closes. Rosa Feld: In March." where Rosa Feld is known."""
    first, *others = inner_labels(line.raw, names) if names else [line.raw]
    yield replace(line, raw=first) if others else line
    for part in others:
        label = read_label(part)
        yield Line(label.rest, speaker=names.of(label))


def _fill(draft: Draft, paragraphs: Iterable[Cue | str]) -> None:
    speaker: str | None = None
    for paragraph in paragraphs:
        if isinstance(paragraph, str):
            draft.marks.append(Mark(paragraph, len(draft.cues)))
            continue
        text = paragraph.text
        labelled = paragraph.opens_turn and paragraph.speaker is not None
        if not labelled and (is_sound(text) or is_imprint(text)):
            # Who speaks after it is said by whoever gathered the paragraphs.
            draft.cues += _cues(replace(paragraph, speaker=None, opens_turn=True))
            speaker = None
            continue
        paragraph.opens_turn = paragraph.opens_turn and (paragraph.speaker is None or paragraph.speaker != speaker)
        speaker = paragraph.speaker
        draft.cues += _cues(paragraph)


def _cues(paragraph: Cue) -> list[Cue]:
    text = "\n".join(paragraph.lines)
    if len(text) <= LONGEST:
        return [paragraph]
    first, *others = cut(text)
    rest = [Cue(None, None, [piece], paragraph.speaker) for piece in others]
    return [Cue(paragraph.start, None, [first], paragraph.speaker, opens_turn=paragraph.opens_turn), *rest]


def parse_markdown(text: str) -> Draft:
    """Markdown: front matter gives title, author, date and language; headings give the title or chapters."""
    matter, body = split_front_matter(text)
    draft = _parse(markdown.without_comments(body), SourceKind.MARKDOWN)
    draft.title = matter.title or draft.title
    draft.author, draft.published_at, draft.language = matter.author, matter.published_at, matter.language
    return draft

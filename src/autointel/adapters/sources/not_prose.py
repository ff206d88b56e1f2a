"""What a file is if it is no transcript: told by its first bytes, or by what its text holds instead of prose."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import Final

from autointel.errors import NoTranscript

_RECORDINGS: Final = (
    *(b"OggS", b"fLaC", b"FLV\x01", b"#!AMR", b"caff\x00", b"MThd\x00"),
    *(b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba", b"0&\xb2u\x8ef\xcf\x11"),  # Matroska, MPEG, ASF
    *(b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9"),  # frames of MP3 and of AAC
)
_DOCUMENTS: Final = (
    (b"{\\rtf", "a rich text document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1f\x8b\x08", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"bplist00", "a web archive of Safari or another property list"),
    (b"PG\x00", "a file of subtitles that are pictures (PGS)"),
    (b"SQLite format 3\x00", "a database"),
)
_EBU_STL: Final = re.compile(rb"\d{3}STL\d{2}\.\d{2}")
_HINT: Final = "Pass a transcript, captions, an article or a document; autointel does not read this kind of file."
# The first line that is not empty says what these are.
_HEADS: Final = (
    (re.compile(r"#EXTM3U"), "a playlist of recordings"),
    (re.compile(r"Scenarist_SCC"), "a caption file in SCC"),
    (re.compile(r"# VobSub index"), "the index of subtitles that are pictures (VobSub)"),
    (re.compile(r"@ This file written with the Avid"), "a caption file of Avid (DS)"),
    (re.compile(r";FFMETADATA1"), "a list of chapters for FFmpeg"),
    (re.compile(r"TITLE=[^\n]*\n(?:[A-Z]+=[^\n]*\n){0,9}FORMAT=(?:TIME|\d+)"), "a subtitle file of MPlayer (MPsub)"),
    (re.compile(r"SPEAKER \S{1,80} \d{1,3} \d+\.\d+ \d+\.\d+ "), "a list of who speaks when (RTTM)"),
    (re.compile(r"BEGIN:VCALENDAR"), "a calendar"),
    (re.compile(r"BEGIN:VCARD"), "an address book"),
    (re.compile(r"-----BEGIN [A-Z0-9 ]{1,60}-----"), "a key, a certificate or an encrypted message"),
    (re.compile(r"%!PS"), "a PostScript document"),
    (re.compile(r"\\documentclass|\\begin\{document\}|\\input\{"), "a LaTeX document"),
    (re.compile(r"#!/"), "a script"),
    (re.compile(r"(?:#[^\n]*\n|\s)*msg(?:ctxt|id) \""), "a catalogue of translations (PO)"),
    (
        re.compile(
            r"(?:(?:--|/\*)[^\n]*\n|(?:SET|USE|DROP|LOCK|START|BEGIN|PRAGMA)\b[^\n;]*;|\s)*"
            r"(?:(?:INSERT (?:IGNORE )?INTO|insert into) \S+ ?(?:\(|VALUES|values|SELECT|select)|UPDATE \S+ SET \S+ ?="
            r"|(?:CREATE TABLE|create table) (?:IF NOT EXISTS )?\S+ ?\(|DELETE FROM \S+ ?(?:;|WHERE))"
        ),
        "source code (SQL)",
    ),
    (re.compile(r"Traceback \(most recent call last\):|Exception in thread "), "a program's report of an error"),
    (re.compile(r"<\?php"), "source code"),
    (re.compile(r"diff --git |--- a/|Index: "), "a list of changes to source code"),
    (re.compile(r"\[Script Info\]\s*\Z"), "a subtitle file without subtitles"),
    (re.compile(r"\[(?:playlist|InternetShortcut|Desktop Entry)\]"), "a shortcut or a playlist"),
)
_XML_ROOT: Final = re.compile(r"<(?:\?xml|!doctype|!--)", re.IGNORECASE)
_FIRST_ELEMENT: Final = re.compile(r"<([A-Za-z_][\w.:-]{0,60})[\s/>]")
_XML_KINDS: Final = {
    "svg": "a drawing (SVG)",
    "usfsubtitles": "subtitles in USF",
    "fcpxml": "a video project (Final Cut)",
    "xmeml": "a video project (Final Cut)",
    "window": "captions in RealText",
    "tei": "an edition in TEI",
    "opml": "a list of subscriptions (OPML)",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
    "gpx": "a track of places (GPX)",
    "kml": "a map (KML)",
    "plist": "a property list",
}
# Shares of the characters that are no white space.
_TAG: Final = re.compile(r"</?[A-Za-z!?][^<>\n]{0,300}>")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[a-z]{2,8});")
_QUOTED: Final = re.compile(r"=[0-9A-F]{2}|=\n")
_ENCODED: Final = re.compile(r"(?<!\S)[A-Za-z0-9+/_=-]{48,}(?!\S)")
_MIME: Final = re.compile(
    r"^(?:Content-[A-Z][\w-]{1,40}|MIME-Version|X-[\w-]{1,40}|Received):[^\n]{0,300}", re.MULTILINE
)
_ADDRESS: Final = re.compile(r"https?://\S{1,400}")
_CODE: Final = re.compile(r"[{}\[\]<>|\\^~=_*;$@#%&]")
_NAMED: Final = (
    (_MIME, "the headers of a message"),
    (_TAG, "markup"),
    (_ENCODED, "encoded data"),
    (_QUOTED, "quoted-printable text"),
    (_ENTITY, "markup"),
)
# Tracks that players show as something else than words.
_CUES_OF_DATA: Final = (
    (
        re.compile(r"\A\S{1,300}\.(?:jpe?g|png|webp|gif|avif)(?:[?#]\S{0,300})?\Z", re.IGNORECASE),
        "addresses of pictures",
    ),
    (re.compile(r"\A\s*[{\[]\s*[\"{\[].*[:,].*[}\]]\s*\Z"), "data in JSON"),
    (
        re.compile(r"\bFrameCnt\b|\[(?:iso|shutter|latitude)\s*:|\b(?:GPS|HOME)\s?\([-\d., ]{4,60}\)"),
        "measurements of a drone",
    ),
    (re.compile(r"\A[A-Za-z0-9+/]{60,}={0,2}\Z"), "encoded data"),
)
_MOSTLY: Final = 0.8
_CLEARLY: Final = 0.6
_REFUSED: Final = 0.25
_WARNED: Final = 0.04
_MOST_DIGITS: Final = 0.4
_MOST_ADDRESSES: Final = 0.5
_FEWEST_LETTERS: Final = 0.5
_FEWEST_CHARACTERS: Final = 80
_SAMPLE: Final = 200_000
_CODE_LINE: Final = re.compile(
    r"\s*(?:.*[;{}]|(?:def|class|import|from|return|function|const|let|var|if|for|while|public|private|package|using|"
    r"#include|#define|SELECT|INSERT|CREATE)\b.*[(){}:;=].*|[\w.-]{1,40}\s*=\s*\S.*"
    r"|import [\w.]+|from [\w.]+ import .*|[a-z_][\w.]{1,60}\([^()]{0,120}\))\s*\Z"
)
# A line that is code beyond doubt; of a few lines, these are counted. Calls write no space before the bracket.
_PLAIN_CODE: Final = re.compile(
    r"\s*(?:(?:async )?(?:def|function) \w+\(.*|class \w+(?:\(.*\))?:|@\w[\w.]*(?:\(.*)?|import [\w.]+(?:,? as \w+)?"
    r"|from [\w.]+ import .+|return\b[^.!?]*[(\[{=+*/<>].*|(?:const |let |var )?[\w.\[\]]{1,60} ?[-+*/]?= ?\S.*"
    r"|(?:if|for|while|elif|with|except)\b[^!?]*:|(?:try|else|finally):|(?:await )?[\w.]{1,60}\(.*\)"
    r"|package [\w.]+|pass|break|continue|[]})]+[,)]*)[;{]?\s*\Z"
)
_LISTED: Final = re.compile(
    r"\s*(?:https?://\S+|www\.\S+|(?:[A-Za-z]:\\|~?/|\.{1,2}/)\S+|\S+\.(?:vtt|srt|txt|md|html?|pdf|docx|epub|json|mp[34]|m4a|wav))\s*\Z"
)
_LOG_LINE: Final = re.compile(
    r"(?=.{0,120}\b(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|TRACE|CRITICAL)\b)(?:\W{0,3}\d{2,4}[-/]\d\d[-/]\d\d|.{0,40}\d\d:\d\d:\d\d)"
)
_UNIX_LOG_LINE: Final = re.compile(
    r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ [\w./-]+(?:\[\d+\])?:"
    r"|\S+ \S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:"
)
# The sign above and below a block of code in Markdown, and its language.
_FENCE: Final = re.compile(r"(?:```|~~~)[`~]{0,9}[ \t]{0,9}([^\s`]{0,30})")
_LANGUAGES: Final = frozenset(
    "asm bash c c# c++ clojure cpp cs csharp css dart diff dockerfile elixir erlang go graphql groovy haskell hcl html"
    " ini java javascript js jsx json julia kotlin latex lua makefile matlab nginx ocaml perl php powershell proto"
    " protobuf ps1 py python r rb rs ruby rust sass scala scss sh shell solidity sql svelte swift terraform toml ts tsx"
    " typescript vb vue xml yaml yml zig zsh".split()
)
_COMMENT: Final = re.compile(r"\s*(?:#|//|/\*|\*/?(?:\s|\Z)|!)")
_PAIR: Final = re.compile(r"\s*([\w.-]{1,80})\s*=\s*\S")
# A name of a column; a time in a row, which a transcript may begin with.
_COLUMN: Final = re.compile(r"\s?[^\W\d][\w./-]{0,30}(?: [\w./()-]{1,20}){0,2}\Z")
_CLOCK: Final = re.compile(r"(?<![T\d:])(?<!\d\d-\d\d )\d{1,2}:\d\d")
_LINE_SAMPLE: Final = 400
_FEWEST_LINES: Final = 5
_FEW_STATEMENTS: Final = 2
# "key: value" and "- item", some of them indented: settings in YAML.
_SETTING: Final = re.compile(r"\s*(?:- )?(?:[a-z][\w.-]{0,40}:(?:\s\S{0,60}(?:\s\S{1,60}){0,2})?|\S{1,60})\s*\Z")
_INDENTED: Final = 0.3
_SAME_CELLS: Final = 0.9
_WORDS_PER_CELL: Final = 1.6
_WORDS_PER_PAIR: Final = 2.2
_SHARE_OF_LINES: Final = 0.5
_CODE_SIGNS: Final = 0.03
# What editors of films note at moments of a recording, and nobody says: Premiere's list and Avid's.
_MARKERS: Final = re.compile(
    r"Marker Name\tDescription\tIn\tOut\t|[^\t\n]{1,60}\t\d\d(?:[:;]\d\d){3}\t[VATC][\dC]{0,3}\t[A-Za-z]{3,9}\t",
    re.ASCII,
)
# Patterns, because a look at each character of a long talk takes 30 ms.
_DIGITS: Final = re.compile(r"\d+")
_NO_LETTERS: Final = re.compile(r"[\x00-@\[-`{-\x7f]+")
"""ASCII that is no letter: other scripts count as letters."""


def refuse_foreign(data: bytes, shown: str) -> None:
    """Raise NoTranscript if ``data`` begins like a recording, a document or a picture."""
    if is_recording(data):
        raise NoTranscript(
            f"{shown} is a recording, where a transcript was expected.",
            "Pass its transcript, or the recording as a file.",
        )
    if _EBU_STL.match(data):
        raise NoTranscript(f"{shown} is a subtitle file in EBU STL.", "Convert it to SRT or VTT, and pass that file.")
    for magic, what in _DOCUMENTS:
        if data.startswith(magic):
            raise NoTranscript(f"{shown} is {what}, not a transcript.", "Export its text, and pass that file.")


def is_recording(data: bytes) -> bool:
    """Whether sound or moving pictures begin like this; the first hundred bytes are enough."""
    if data.startswith(_RECORDINGS):
        return True
    # A text may begin with these letters; a recording goes on in a way that no text does.
    if data[4:8] == b"ftyp" or (data.startswith(b"ID3") and data[3:4] < b"\x10"):
        return True
    if data.startswith(b"RIFF") and data[8:12] in {b"WAVE", b"AVI "}:
        return True
    return data.startswith(b"FORM") and data[8:12] in {b"AIFF", b"AIFC"}


def refuse_markers(text: str, shown: str) -> None:
    """Raise NoTranscript for an editing program's list of markers, which looks like a table of speech."""
    if _MARKERS.match(text):
        raise NoTranscript(f"{shown} is a list of markers of an editing program, which nobody says.", _HINT)


def refuse_by_head(text: str, shown: str) -> None:
    """Raise NoTranscript for a text whose first line says that it is something else."""
    head = text[:4096].lstrip("\ufeff \t\n")
    kind = next((name for pattern, name in _HEADS if pattern.match(head)), None) or xml_kind(head)
    lines = [line for line in text[:_SAMPLE].split("\n") if line.strip() and not line.startswith("#")][:_LINE_SAMPLE]
    if not kind and lines and all(map(_LISTED.match, lines)):
        raise NoTranscript(
            f"{shown} is a list of addresses or files, not a text.", "To brief each of them, name the list with --from."
        )
    kind = kind or _by_lines(text) or _columns(text) or _only_code(text)
    if kind:
        raise NoTranscript(f"{shown} is {kind}, which cannot be read as a transcript.", _HINT)


def _by_lines(text: str) -> str | None:  # noqa: PLR0911  a kind each
    """What nearly every line says: a log, source code, or cells with hardly more than a word in each."""
    lines = [line[:300] for line in text[:_SAMPLE].split("\n") if line.strip()][:_LINE_SAMPLE]
    stated = [line for line in lines if not _COMMENT.match(line)]
    if len(stated) > 1 and sum(_PLAIN_CODE.match(line) is not None for line in stated) > _CLEARLY * len(stated):
        return "source code or settings"
    if len(stated) > _FEW_STATEMENTS:
        # A talk names the same people again; settings have a key each.
        keys = {pair[1] for line in stated if (pair := _PAIR.match(line))}
        if max(len(keys), sum(line.rstrip().endswith((";", "{", "}")) for line in stated)) > _MOSTLY * len(stated):
            return "source code or settings"
    if len(lines) < _FEWEST_LINES:
        return None
    if _mostly(_LOG_LINE, lines) or _mostly(_UNIX_LOG_LINE, lines):
        return "a log"
    if (
        not text.startswith("---\n")
        and _mostly(_SETTING, lines)
        and sum(line[0] == " " for line in lines) > _INDENTED * len(lines)
        and sum(":" in line or line.lstrip().startswith("- ") for line in lines) > _INDENTED * len(lines)
    ):
        return "source code or settings"
    signs, size = len(_CODE.findall("".join(lines))), sum(map(len, lines))
    if signs > _CODE_SIGNS * size and _mostly(_CODE_LINE, lines):
        return "source code or settings"
    return "a table of data" if any(_is_data(lines, delimiter) for delimiter in "\t,;|") else None


def _mostly(pattern: re.Pattern[str], lines: Sequence[str], *, anywhere: bool = False) -> bool:
    found = pattern.search if anywhere else pattern.match
    return sum(found(line) is not None for line in lines) > _SHARE_OF_LINES * len(lines)


def _is_data(lines: Sequence[str], delimiter: str) -> bool:
    counts = [line.count(delimiter) for line in lines]
    usual = max(set(counts), key=counts.count)
    words = sum(len(line.replace(delimiter, " ").split()) for line in lines) / len(lines)
    # One sign a line is how people write labels and short answers, too.
    least = _WORDS_PER_CELL if usual > 1 else _WORDS_PER_PAIR / 2
    return usual > 0 and counts.count(usual) >= _SAME_CELLS * len(lines) and words < least * (usual + 1)


def _columns(text: str) -> str | None:
    """A table with a head of names, whose rows have as many cells and no times: its columns; None for anything else.

    People write a space behind a comma or a semicolon, and programs do not.
    """
    lines = [line for line in text[:_SAMPLE].split("\n") if line.strip()][:_LINE_SAMPLE]
    if len(lines) <= _FEW_STATEMENTS or _mostly(_CLOCK, lines, anywhere=True):
        return None
    for delimiter in ",;|":
        head = lines[0].count(delimiter)
        if head < 2 or 2 * text[:_SAMPLE].count(f"{delimiter} ") > text[:_SAMPLE].count(delimiter):  # noqa: PLR2004 -- one sign may be a label's
            continue
        try:
            first, *rows = csv.reader(lines, delimiter=delimiter)
        except csv.Error:
            continue
        named = len(set(first)) == len(first) and all(map(_COLUMN.match, first))
        if named and sum(len(row) == len(first) for row in rows) >= _SAME_CELLS * len(rows):
            return "a table of data with the columns " + ", ".join(f'"{name.strip()}"' for name in first[:6])
    return None


def _only_code(text: str) -> str | None:
    """Whether a Markdown text is headings and blocks of code; a talk may be pasted as a block, too."""
    language: str | None = None
    inner: list[str] = []
    blocks = 0
    for line in text.split("\n") if len(text) <= _SAMPLE and _FENCE.search(text) else ():
        fence = _FENCE.match(line)
        if fence and language is None:
            language, inner, blocks = fence[1].lower(), [], blocks + 1
        elif fence:
            if language not in _LANGUAGES and not _by_lines("\n".join(inner)):
                return None
            language = None
        elif language is not None:
            inner.append(line)
        elif line.strip() and not line.startswith("#"):
            return None
    return "source code or settings" if blocks and language is None else None


def check_prose(texts: Sequence[str], shown: str, *, strict: bool) -> tuple[float, list[str]]:
    """The share of markup (0 to 1) in what was read as words, and warnings about it.

    Raises NoTranscript, if ``strict``, where so much of it is markup, code or numbers that it is no prose.
    """
    text = _sample(texts)
    size = _size(text)
    if size < _FEWEST_CHARACTERS:
        return 0.0, []
    share, name = _markup(text, size)
    kind = name if share >= _REFUSED else _other_kind(text, size)
    data = _data_kind(texts)
    if data:
        raise NoTranscript(f"{shown} holds {data}, and nothing that anybody says.", _HINT)
    if strict and kind:
        raise NoTranscript(f"{shown} seems to be {kind}, not words that were said or written to be read.", _HINT)
    warnings = [f"Of what was read as words, {share:.0%} looks like {name}."] if share >= _WARNED else []
    return round(share, 3), warnings


def _sample(texts: Sequence[str]) -> str:
    """The whole, or pieces from beginning, middle and end of what is long."""
    text = "\n".join(texts)
    if len(text) <= _SAMPLE:
        return text
    third, middle = _SAMPLE // 3, len(text) // 2
    return text[:third] + text[middle : middle + third] + text[-third:]


def _size(text: str) -> int:
    """Characters that are not white space."""
    return sum(map(len, text.split()))


def _markup(text: str, size: int) -> tuple[float, str]:
    """The share of characters in markup or encoded text, and what most of it is."""
    found: dict[str, int] = {}
    rest = text
    for pattern, name in _NAMED:
        found[name] = found.get(name, 0) + _size("".join(pattern.findall(rest)))
        rest = pattern.sub(" ", rest)
    return sum(found.values()) / size, max(found, key=lambda name: found[name])


def _other_kind(text: str, size: int) -> str | None:
    digits = sum(map(len, _DIGITS.findall(text)))
    letters = len(_NO_LETTERS.sub("", text))
    if digits > _MOST_DIGITS * size:
        return "a table of numbers"
    if sum(map(len, _ADDRESS.findall(text))) > _MOST_ADDRESSES * size:
        return "a list of addresses"
    return "neither words nor sentences" if letters < _FEWEST_LETTERS * size else None


def _data_kind(texts: Sequence[str]) -> str | None:
    """What the cues of a caption file hold that shows something else than speech; None for words."""
    sample = [text[:400] for text in texts[:_LINE_SAMPLE] if text.strip()]
    for pattern, kind in _CUES_OF_DATA:
        if len(sample) > 1 and sum(pattern.search(text) is not None for text in sample) > _MOSTLY * len(sample):
            return kind
    return None


def xml_kind(head: str) -> str | None:
    """What an XML document is by its root; None for a page of HTML, and for what is no XML."""
    root = _FIRST_ELEMENT.search(head) if head.startswith("<") else None
    name = root[1].rpartition(":")[2] if root else ""
    declared = _XML_ROOT.match(head) is not None and name.lower() != "html"
    if not declared and name.lower() not in _XML_KINDS:
        return None
    return _XML_KINDS.get(name.lower(), f"an XML document ({name or 'of an unknown kind'})")

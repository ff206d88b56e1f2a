"""Whatever is done to a file: no word that is not in it, no time beyond it, no speaker whose label it lacks."""

from __future__ import annotations

import contextlib
import html
import json
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

_NAMES: Final = ("Ada Lee", "BEN OKRI", "Speaker 1", "[CARL]", "Okri, Dan", "(speaker 2)", "(laughs)", "Note", "")
_SCRAPS: Final = (
    *(
        "\n",
        "\n\n",
        ":",
        " --> ",
        "->",
        ">>",
        "- ",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "<",
        ">",
        "&amp;",
        "&lt;",
        ",",
        ".",
        "1",
    ),
    *("00:00:05,000", "00:00:99.000", "-00:00:01,000", "\t", "\ufeff", "\u200f", "NOTE x", "WEBVTT", "<v Eva>", "\\N"),
    *("？", "："),
)


def _words(index: int) -> str:
    return f"quay{index} closes{index} soon{index}."


def _line(index: int, name: str) -> str:
    colon = "" if not name or name[0] in "[(" else ":"
    return f"{name}{colon} {_words(index)}".strip()


def _captions(head: str, mark: str) -> Callable[[list[str]], str]:
    def build(names: list[str]) -> str:
        rows = (
            f"{n}\n00:00:{n:02}{mark}000 --> 00:00:{n:02}{mark}900\n{_line(n, name)}\n\n"
            for n, name in enumerate(names, 1)
        )
        return head + "".join(rows)

    return build


def _text(names: list[str]) -> str:
    return "".join(f"[00:00:{n:02}] {_line(n, name)}\n\n" for n, name in enumerate(names, 1))


def _untimed(names: list[str]) -> str:
    return "".join(f"{_line(n, name)}\n\n" for n, name in enumerate(names, 1))


def _headers(names: list[str]) -> str:
    return "".join(f"{name}\n00:00:{n:02}\n{_words(n)}\n\n" for n, name in enumerate(names, 1))


def _ass(names: list[str]) -> str:
    rows = (
        f"Dialogue: 0,0:00:{n:02}.00,0:00:{n:02}.90,D,,0,0,0,,{{\\i1}}{_line(n, name)}\n"
        for n, name in enumerate(names, 1)
    )
    return "[Script Info]\n[Events]\nFormat: Layer, Start, End, Style, Name, ML, MR, MV, Effect, Text\n" + "".join(rows)


def _ttml(names: list[str]) -> str:
    rows = (f'<p begin="{n}s" end="{n}.9s">{_line(n, name)}</p>' for n, name in enumerate(names, 1))
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{"".join(rows)}</div></body></tt>'


def _json3(names: list[str]) -> str:
    events = [
        {"tStartMs": n * 1000, "dDurationMs": 900, "segs": [{"utf8": _line(n, name)}]}
        for n, name in enumerate(names, 1)
    ]
    return json.dumps({"events": events})


def _rows(form: str, *, head: str = "", foot: str = "") -> Callable[[list[str]], str]:
    """A row for each line: "{n}" is its number, "{w}" its words with their label, "{b}" its words, "{who}" the name."""

    def build(names: list[str]) -> str:
        rows = (
            form.format(n=n, m=f"{n:02}", w=_line(n, name), b=_words(n), who=name) for n, name in enumerate(names, 1)
        )
        return head + "".join(rows) + foot

    return build


def _json(row: Callable[[int, str], Any], wrap: Callable[[list[Any]], Any] = list) -> Callable[[list[str]], str]:
    return lambda names: json.dumps(wrap([row(n, name) for n, name in enumerate(names, 1)]), ensure_ascii=False)


def _said(n: int, name: str, **more: Any) -> dict[str, Any]:
    return {"speaker": name, "start": n, "end": n + 0.9, "text": _words(n), **more}


def _timed_words(n: int, name: str, text: str = "text", unit: float = 1) -> list[dict[str, Any]]:
    return [
        {"speaker": name, text: word, "start": round((n + place / 4) * unit, 2), "end": round((n + 1) * unit, 2)}
        for place, word in enumerate(_words(n).split())
    ]


_FORMATS: Final = {
    "a.vtt": _captions("WEBVTT\n\n", "."),
    "voices.vtt": _rows("00:{m}.000 --> 00:{m}.900\n<v {who}>{b}</v>\n\n", head="WEBVTT\n\n"),
    "a.srt": _captions("", ","),
    "a.sbv": _rows("0:00:{m}.000,0:00:{m}.900\n{w}\n\n"),
    "a.txt": _text,
    "units.txt": _rows("[0m{m}s] {w}\n\n"),
    "primes.txt": _rows("0'{m}\" {w}\n\n"),
    "hands.txt": _rows("[0:00:{m} AM] {w}\n\n".replace("0:00", "1:00")),
    "dates.txt": _rows("2024-03-05T10:00:{m}Z {w}\n\n"),
    "ends.txt": _rows("{w} [00:00:{m}]\n\n"),
    "inside.txt": _rows("{w} [00:00:{m}] {b}\n\n"),
    "hashes.txt": _rows("{w} #00:00:{m}-0#\n\n"),
    "untimed.txt": _untimed,
    "headers.txt": _headers,
    "a.md": _rows("**{who}:** {b} [00:{m}]\n\n", head="# Talk\n\n"),
    "premiere.txt": _rows("00:00:{m}:00 - 00:00:{m}:20\n{who}\n{b}\n\n"),
    "a.ass": _ass,
    "names.ass": _rows(
        "Dialogue: 0:00:{m}.00,0:00:{m}.90,{who},{{\\k9}}{b}\n", head="[Events]\nFormat: Start, End, Name, Text\n"
    ),
    "a.ttml": _ttml,
    "spans.ttml": _rows(
        '<p begin="{n}s" end="{n}.9s"><span begin="0s">{b}</span> <span begin="0.5s">{w}</span></p>',
        head='<tt xmlns="http://www.w3.org/ns/ttml"><body timeContainer="seq"><div>',
        foot="</div></body></tt>",
    ),
    "a.smi": _rows("<SYNC Start={n}000><P Class=EN>{w}\n", head="<SAMI><BODY>\n", foot="</BODY></SAMI>"),
    "a.sub": _rows("{{{n}0}}{{{n}9}}{w}|{b}\n", head="{{1}}{{1}}25\n".format()),
    "mpl.sub": _rows("[{n}0][{n}9]/{w}|{b}\n"),
    "spruce.stl": _rows("00:00:{m}:00 , 00:00:{m}:20 , {w}\n"),
    "a.lrc": _rows("[00:{m}.00]{w}\n", head="[ti:Talk]\n"),
    "srv1.xml": _rows('<text start="{n}" dur="0.9">{w}</text>', head="<transcript>", foot="</transcript>"),
    "srv3.xml": _rows(
        '<p t="{n}000" d="900"><s ac="0">{who} </s><s t="100" ac="0">{b}</s></p>',
        head='<timedtext format="3"><body>',
        foot="</body></timedtext>",
    ),
    "a.csv": _rows('"{who}",{n}0,{n}9,{b} {b}, {b}\n', head="speaker,start,end,text\n"),
    "a.tsv": _rows("{n}000\t{n}900\t{w}\n", head="start\tend\ttext\n"),
    "labels.txt": _rows("{n}.000000\t{n}.900000\t{w}\n"),
    "a.json3": _json3,
    "segments.json": _json(_said, lambda rows: {"segments": rows}),
    "labelled.json": _json(lambda n, name: {"start": n, "duration": 0.9, "text": _line(n, name)}),
    "words.json": _json(_timed_words, lambda rows: {"words": [word for row in rows for word in row]}),
    "milliseconds.json": _json(
        lambda n, name: _timed_words(n, name, unit=1000), lambda rows: {"words": [word for row in rows for word in row]}
    ),
    "whisperx.json": _json(
        lambda n, name: _said(n, name, end=n + 30, text=f"{_words(n)} {_words(n + 1)}", words=_timed_words(n, name)),
        lambda rows: {"segments": rows},
    ),
    "unsigned.json": _json(
        lambda n, _: {"word": f"quay{n}", "start": n, "end": n + 0.4},
        lambda rows: {"words": rows, "text": " ".join(f"{row['word'].title()}." for row in rows)},
    ),
    "podcast.json": _json(
        lambda n, name: {"speaker": name, "startTime": n, "endTime": n + 0.9, "body": _words(n)},
        lambda rows: {"version": "1.0.0", "segments": rows},
    ),
    "cpp.json": _json(
        lambda n, name: {"offsets": {"from": n * 1000, "to": n * 1000 + 900}, "text": f" {_line(n, name)}"},
        lambda rows: {"transcription": rows},
    ),
    "chunks.json": _json(
        lambda n, name: {"timestamp": [n, None], "text": _line(n, name)}, lambda rows: {"chunks": rows}
    ),
    "ticks.json": _json(
        lambda n, name: {
            "offsetInTicks": n * 10**7,
            "durationInTicks": 9 * 10**6,
            "speaker": name,
            "nBest": [{"display": _words(n)}],
        },
        lambda rows: {"recognizedPhrases": rows},
    ),
    "dates.json": _json(lambda n, name: {"time": f"2024-03-05T10:00:{n:02}Z", "name": name, "message": _words(n)}),
    "lists.json": _json(lambda n, _: [n, n + 0.9, _words(n)]),
    "untimed.json": _json(lambda n, name: {"speaker": name, "text": _words(n)}),
    "a.jsonl": lambda names: "".join(json.dumps(_said(n, name)) + "\n" for n, name in enumerate(names, 1)),
    "terms.html": _rows("<dt>{who}</dt><dd>{b} {b}</dd>", head="<html><body><dl>", foot="</dl></body></html>"),
    "bold.html": _rows(
        "<p><strong>{who}:</strong> {b} {b}</p>", head="<html><body><article>", foot="</article></body></html>"
    ),
    "a.eaf": _rows(
        '<TIME_SLOT TIME_SLOT_ID="a{n}" TIME_VALUE="{n}000"/><TIME_SLOT TIME_SLOT_ID="b{n}" TIME_VALUE="{n}900"/>'
        '<TIER TIER_ID="{n}"><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a{n}" TIME_SLOT_REF2="b{n}"><ANNOTATION_VALUE>{b}'
        "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></TIER>",
        head="<ANNOTATION_DOCUMENT>",
        foot="</ANNOTATION_DOCUMENT>",
    ),
    "a.trs": _rows(
        '<Turn speaker="{who}" startTime="{n}" endTime="{n}.9"><Sync time="{n}"/>{b}</Turn>',
        head="<Trans>",
        foot="</Trans>",
    ),
    "a.exb": _rows(
        '<tli id="a{n}" time="{n}"/><tli id="b{n}" time="{n}.9"/><tier speaker="{who}" type="t">'
        '<event start="a{n}" end="b{n}">{b}</event></tier>',
        head="<basic-transcription>",
        foot="</basic-transcription>",
    ),
    "a.TextGrid": _rows(
        '"IntervalTier"\n"{who}"\n0\n9\n1\n{n}\n{n}.9\n"{b}"\n',
        head='File type = "ooTextFile"\nObject class = "TextGrid"\n0\n9\n<exists>\n9\n',
    ),
    "a.cha": _rows("*{who}:\t{b} \x15{n}000_{n}900\x15\n", head="@UTF8\n@Begin\n"),
    "a.stm": _rows("talk 1 S{n} {n}.00 {n}.90 <o> {b}\n"),
    "a.ctm": _rows("talk 1 {n}.00 0.30 {b}\n".replace("{b}", "quay{n}")),
    "cited.html": _rows("<cite>{who}:</cite><time>0:{m}</time><p>{b}</p>"),
}

_mutations = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 6), st.sampled_from(("", *_SCRAPS))), min_size=0, max_size=8
)


def _mutated(text: str, mutations: list[tuple[int, int, str]]) -> str:
    for place, length, scrap in mutations:
        at = place % (len(text) + 1)
        text = text[:at] + scrap + text[at + length :]
    return text


def _flat(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _readings(text: str) -> list[str]:
    """The file's letters, as they stand and with the markup of its format taken out."""
    untagged = re.sub(r"<[^<>]*>|\{[^{}]*\}|\\[Nnh]", "", text)
    unbraced = re.sub(r"\{[^{}]*\}|\\[Nnh]", "", text)
    plain = html.unescape(html.unescape(untagged))
    if text[:1] in "{[":
        with contextlib.suppress(ValueError):
            plain += json.dumps(json.loads(text), ensure_ascii=False)
    return [
        _flat(one)
        for one in (
            *(text, html.unescape(text), untagged, unbraced, plain, re.sub(r"<[^<>]*>", "", plain)),
            # HTML's own tags end at the first ">", whatever stands in them: "Ad<a<v Eva> Lee" is "Ad Lee".
            re.sub(r"<[a-zA-Z/][^>]*>", "", text),
        )
    ]


def _stands_in(word: str, readings: list[str]) -> bool:
    """Whether the word, or every piece of it between signs, stands in one of the readings.

    Files that time each word join one that begins or ends with a bracket to its neighbour without a space.
    """
    pieces = [word] if word.isalnum() else [piece for piece in re.split(r"[\W_]+", word) if piece]
    return all(any(_flat(piece) in flat for flat in readings) for piece in pieces)


def _in_order(word: str, flat: str) -> bool:
    letters = iter(flat)
    return all(letter in letters for letter in _flat(word))


def _stands_before(name: str, words: str, readings: list[str]) -> bool:
    """Whether the name stands before the first of the words that broken markup did not cut in two."""
    first = next((word for word in map(_flat, words.split()) if word and word[-4:] in readings[0]), "")
    return any(0 <= flat.find(_flat(name)) <= (flat.rfind(first[-4:]) if first else len(flat)) for flat in readings)


def _latest(text: str) -> float:
    """The latest second that any digits of the file can mean, and as long again as its words take to say."""
    # Overlapping: a broken line's end may be another's beginning. A date's "T" stands before its hour.
    clocks = re.findall(r"(?=(?<!\d)(?:(\d+)\s*[:：]\s*)?(\d+)\s*[:：]\s*(\d+))", text)
    seconds = [int(h or 0) * 3600 + int(m) * 60 + int(s) for h, m, s in clocks]
    plain = [float(number) for number in re.findall(r"\d+", text)]
    return max([*seconds, *plain, 0]) + len(text.split()) + 1


@pytest.mark.uncounted
@pytest.mark.parametrize("name", _FORMATS)
@given(names=st.lists(st.sampled_from(_NAMES), min_size=2, max_size=9), mutations=_mutations)
def test_nothing_is_made_up(name: str, names: list[str], mutations: list[tuple[int, int, str]]) -> None:
    text = _mutated(_FORMATS[name](names), mutations)
    try:
        parsed = parse(text.encode(), name)
    except NoTranscript:
        return
    readings = _readings(text)
    for segment in parsed.segments:
        for word in segment.text.split():
            # Markup inside words goes, and broken XML loses more; the letters still come in the file's order.
            assert (
                any(_flat(word) in flat for flat in readings)
                or (
                    # Formats that may time words: one with a bracket at its end is joined to its neighbour.
                    name.endswith((".json", ".ctm", ".tsv", ".csv")) and _stands_in(word, readings)
                )
                or (
                    name.endswith(
                        (".ttml", ".xml", ".html", ".smi", ".sub", ".stl", ".ass", ".eaf", ".trs", ".exb", ".cha")
                    )
                    and _in_order(word, readings[0])
                )
            )
        assert segment.end is None or 0 <= (segment.start or 0) <= segment.end <= _latest(text)
        if segment.speaker is not None:
            assert _stands_before(segment.speaker, segment.text, readings)

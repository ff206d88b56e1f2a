"""Whatever is done to a file: no word that is not in it, no time beyond it, no speaker whose label it lacks."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Final

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


_FORMATS: Final = {
    "a.vtt": _captions("WEBVTT\n\n", "."),
    "a.srt": _captions("", ","),
    "a.txt": _text,
    "untimed.txt": _untimed,
    "headers.txt": _headers,
    "a.ass": _ass,
    "a.ttml": _ttml,
    "a.json3": _json3,
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
    plain = html.unescape(html.unescape(untagged))
    return [_flat(one) for one in (text, html.unescape(text), untagged, plain, re.sub(r"<[^<>]*>", "", plain))]


def _in_order(word: str, flat: str) -> bool:
    letters = iter(flat)
    return all(letter in letters for letter in _flat(word))


def _stands_before(name: str, words: str, flat: str) -> bool:
    return 0 <= flat.find(_flat(name)) <= (flat.rfind(_flat(words)[-4:]) if _flat(words) else len(flat))


def _latest(text: str) -> float:
    """The latest second that any digits of the file can mean, and as long again as its words take to say."""
    clocks = re.findall(r"(?:(\d+)\s*[:：]\s*)?(\d+)\s*[:：]\s*(\d+)", text)
    seconds = [int(h or 0) * 3600 + int(m) * 60 + int(s) for h, m, s in clocks]
    plain = [float(number) for number in re.findall(r"\d+", text)]
    return max([*seconds, *plain, 0]) + len(text.split()) + 1


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
            # Broken XML is recovered with pieces missing inside words; their letters still come in the file's order.
            assert any(_flat(word) in flat for flat in readings) or (name == "a.ttml" and _in_order(word, readings[0]))
        assert segment.end is None or 0 <= (segment.start or 0) <= segment.end <= _latest(text)
        if segment.speaker is not None:
            assert any(_stands_before(segment.speaker, segment.text, flat) for flat in readings)

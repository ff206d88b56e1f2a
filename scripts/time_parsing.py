"""How long it takes to read a source, by its format: ``python scripts/time_parsing.py [MOST_CUES] [FORMAT…]``.

Prints a line for each format and size: cues, megabytes, seconds of processor time, microseconds a cue, and the most
memory that its process took, the file's own included; or why so long a file is refused. Reading is linear where the
microseconds stay the same from 10,000 cues to a million. Then 5 MB of the worst that each format can hold: brackets,
quotes, labels, times, in one line and in many; no input may take over 10 seconds. ``worst [KIND…]`` in place of a
number does only the latter.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from time import process_time

from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

_LABELS = ("Ann Lee: ", "", "", "Ben Okri: ", "", "", "")
_SIZES = (10_000, 100_000, 300_000, 1_000_000)


def _clock(second: int, mark: str) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{mark}000"


def _words(index: int) -> str:
    return f"{_LABELS[index % len(_LABELS)]}words of cue {index}, said once."


def _vtt(cues: int) -> str:
    return "WEBVTT\n\n" + "".join(f"{_clock(n, '.')} --> {_clock(n + 1, '.')}\n{_words(n)}\n\n" for n in range(cues))


def _srt(cues: int) -> str:
    return "".join(f"{_clock(n, ',')} --> {_clock(n + 1, ',')}\n{_words(n)}\n" for n in range(cues))


def _sbv(cues: int) -> str:
    return "".join(f"{_clock(n, '.')},{_clock(n + 1, '.')}\n{_words(n)}\n" for n in range(cues))


def _ass(cues: int) -> str:
    head = "[Script Info]\n[Events]\nFormat: Start, End, Name, Text\n"
    return head + "".join(
        f"Dialogue: {_clock(n, '.')},{_clock(n + 1, '.')},,{{\\i1}}{_words(n)}{{\\i0}}\n" for n in range(cues)
    )


def _ttml(cues: int) -> str:
    rows = "".join(f'<p begin="{n}s" end="{n + 1}s">{_words(n)}</p>' for n in range(cues))
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{rows}</div></body></tt>'


def _json3(cues: int) -> str:
    return json.dumps(
        {"events": [{"tStartMs": n * 1000, "dDurationMs": 900, "segs": [{"utf8": _words(n)}]} for n in range(cues)]}
    )


def _whisper(cues: int) -> str:
    return json.dumps({"segments": [{"start": n, "end": n + 1, "text": _words(n)} for n in range(cues)]})


def _text(cues: int) -> str:
    return "".join(f"[{_clock(n, '.')[:8]}] {_words(n)}\n" for n in range(cues))


def _odd_text(cues: int) -> str:
    return "".join(f"{n // 60}m{n % 60:02}s {_words(n)}\n" for n in range(cues))


def _untimed(cues: int) -> str:
    return "".join(f"{_words(n)}\n\n" for n in range(cues))


def _chat(cues: int) -> str:
    return "".join(f"05/03/2024, {n // 3600 % 24:02}:{n // 60 % 60:02} - Ann Lee: {_words(n)}\n" for n in range(cues))


def _markdown(cues: int) -> str:
    return "".join(f"**Ann Lee:** {_words(n)} [link](https://x.example/{n})\n\n" for n in range(cues))


def _premiere(cues: int) -> str:
    return "".join(f"{_clock(n, ':')[:11]} - {_clock(n + 1, ':')[:11]}\nAnn Lee\n{_words(n)}\n\n" for n in range(cues))


def _csv(cues: int) -> str:
    return "speaker,start,end,text\n" + "".join(f'Ann Lee,{n},{n + 1},"{_words(n)}"\n' for n in range(cues))


def _tsv(cues: int) -> str:
    return "start\tend\ttext\n" + "".join(f"{n * 1000}\t{n * 1000 + 900}\t{_words(n)}\n" for n in range(cues))


def _sami(cues: int) -> str:
    return "<SAMI><BODY>" + "".join(f"<SYNC Start={n * 1000}><P Class=EN>{_words(n)}\n" for n in range(cues))


def _microdvd(cues: int) -> str:
    return "{1}{1}25\n" + "".join(f"{{{n * 25}}}{{{n * 25 + 20}}}{_words(n)}\n" for n in range(1, cues))


def _lrc(cues: int) -> str:
    return "[ti:Talk]\n" + "".join(f"[{n // 60 % 1000:02}:{n % 60:02}.00]{_words(n)}\n" for n in range(cues))


def _srv1(cues: int) -> str:
    rows = (f'<text start="{n}" dur="1">{_words(n)}</text>' for n in range(cues))
    return f"<transcript>{''.join(rows)}</transcript>"


def _srv3(cues: int) -> str:
    rows = (f'<p t="{n * 1000}" d="900"><s ac="0">words</s><s t="100" ac="0"> of {n}</s></p>' for n in range(cues))
    return f'<timedtext format="3"><body>{"".join(rows)}</body></timedtext>'


def _spoken(cues: int) -> str:
    words = (
        {"text": f"word{n}{'.' * (n % 9 == 0)}", "start": n * 400, "end": n * 400 + 300, "speaker": "A"}
        for n in range(cues)
    )
    return json.dumps({"words": list(words)})


def _whisperx(cues: int) -> str:
    def words(n: int) -> list[dict[str, object]]:
        return [{"word": word, "start": n + 0.1, "end": n + 0.2} for word in ("words", "of", str(n))]

    return json.dumps(
        {"segments": [{"start": n, "end": n + 1, "text": f"words of {n}", "words": words(n)} for n in range(cues)]}
    )


def _podcast(cues: int) -> str:
    rows = [{"speaker": "Ann Lee", "startTime": n, "endTime": n + 1, "body": _words(n)} for n in range(cues)]
    return json.dumps({"version": "1.0.0", "segments": rows})


def _json_lines(cues: int) -> str:
    return "".join(json.dumps({"start": n, "end": n + 1, "text": _words(n)}) + "\n" for n in range(cues))


def _page(cues: int) -> str:
    rows = (f"<p><strong>{('Ann Lee', 'Ben Okri')[n % 2]}:</strong> {_words(n)}</p>" for n in range(cues))
    return f"<html><body><article>{''.join(rows)}</article></body></html>"


def _mhtml(cues: int) -> str:
    page = _page(cues)
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"; type="text/html"\n\n'
    return f"{head}--b\nContent-Type: text/html; charset=utf-8\nContent-Location: https://x.example/\n\n{page}\n--b--\n"


def _stm(cues: int) -> str:
    return ";; made up\n" + "".join(
        f"talk 1 Ann_{n % 2} {n}.00 {n + 1}.00 <o,f0,female> words of {n}\n" for n in range(cues)
    )


def _ctm(cues: int) -> str:
    return "".join(f"talk 1 {n}.00 0.50 word{n}{'.' * (n % 9 == 0)} 0.9\n" for n in range(cues))


def _talkbank(cues: int) -> str:
    lines = "".join(f"*ANN:\t<words of> [/] (be)cause {n} . \x15{n * 1000}_{n * 1000 + 900}\x15\n" for n in range(cues))
    return f"@UTF8\n@Begin\n@Languages:\teng\n@Participants:\tANN Ann_Lee Adult, BEN Ben Adult\n{lines}@End\n"


def _textgrid(cues: int) -> str:
    head = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 99\ntiers? <exists>\nsize = 1\n'
    tier = 'item []:\n    item [1]:\n        class = "IntervalTier"\n        name = "Ann"\n        xmin = 0\n'
    rows = "".join(
        f"        intervals [{n}]:\n            xmin = {n}\n            xmax = {n + 1}\n"
        f'            text = "words ""of"" {n}"\n'
        for n in range(1, cues)
    )
    return f"{head}{tier}        xmax = 99\n        intervals: size = {cues - 1}\n{rows}"


def _elan(cues: int) -> str:
    slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="t{n}" TIME_VALUE="{n * 1000}"/>' for n in range(cues + 1))
    said = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{n}" TIME_SLOT_REF1="t{n}" TIME_SLOT_REF2="t{n + 1}">'
        f"<ANNOTATION_VALUE>words of {n}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
        for n in range(cues)
    )
    below = "".join(
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="b{n}" ANNOTATION_REF="a{n}"><ANNOTATION_VALUE>gloss'
        f"</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        for n in range(cues)
    )
    tiers = f'<TIER TIER_ID="A" PARTICIPANT="Ann">{said}</TIER><TIER TIER_ID="B" PARENT_REF="A">{below}</TIER>'
    return f"<ANNOTATION_DOCUMENT><TIME_ORDER>{slots}</TIME_ORDER>{tiers}</ANNOTATION_DOCUMENT>"


def _transcriber(cues: int) -> str:
    turns = "".join(
        f'<Turn speaker="s{n % 2}" startTime="{n * 2}" endTime="{n * 2 + 2}"><Sync time="{n * 2}"/>words of {n}'
        f'<Event desc="x"/><Sync time="{n * 2 + 1}"/>and more</Turn>'
        for n in range(cues)
    )
    people = '<Speakers><Speaker id="s0" name="Ann Lee"/><Speaker id="s1" name="Ben Okri"/></Speakers>'
    return f'<?xml version="1.0"?>\n<Trans xml:lang="en">{people}<Episode><Section>{turns}</Section></Episode></Trans>'


def _exmaralda(cues: int) -> str:
    people = '<speakertable><speaker id="S"><abbreviation>Ann</abbreviation></speaker></speakertable>'
    times = "".join(f'<tli id="T{n}" time="{n}.0"/>' for n in range(cues + 1))
    said = "".join(f'<event start="T{n}" end="T{n + 1}">words of {n}</event>' for n in range(cues))
    body = f'<common-timeline>{times}</common-timeline><tier id="X" speaker="S" type="t">{said}</tier>'
    return f"<basic-transcription><head>{people}</head><basic-body>{body}</basic-body></basic-transcription>"


FORMATS: dict[str, Callable[[int], str]] = {
    "talk.vtt": _vtt,
    "talk.srt": _srt,
    "talk.sbv": _sbv,
    "talk.ass": _ass,
    "talk.ttml": _ttml,
    "talk.json3": _json3,
    "whisper.json": _whisper,
    "words.json": _spoken,
    "whisperx.json": _whisperx,
    "podcast.json": _podcast,
    "talk.jsonl": _json_lines,
    "talk.csv": _csv,
    "talk.tsv": _tsv,
    "talk.smi": _sami,
    "talk.sub": _microdvd,
    "talk.lrc": _lrc,
    "srv1.xml": _srv1,
    "srv3.xml": _srv3,
    "premiere.txt": _premiere,
    "talk.txt": _text,
    "units.txt": _odd_text,
    "chat.txt": _chat,
    "untimed.txt": _untimed,
    "talk.md": _markdown,
    "page.html": _page,
    "talk.mhtml": _mhtml,
    "talk.stm": _stm,
    "talk.ctm": _ctm,
    "talk.cha": _talkbank,
    "talk.TextGrid": _textgrid,
    "talk.eaf": _elan,
    "talk.trs": _transcriber,
    "talk.exb": _exmaralda,
}
# What a line may be full of; each is repeated to 5 MB, as one line and as many.
SCRAPS = (
    *(
        "[",
        "(",
        "<",
        "{",
        '"',
        "'",
        ":",
        "-",
        ">>",
        "#",
        "&amp;",
        "&",
        "*",
        "_",
        "`",
        "|",
        ",",
        ";",
        "\t",
        " ",
        "\\",
        "=",
    ),
    *(
        "word ",
        "Ann Lee: ",
        "Ann Lee: words. ",
        "[Ann] ",
        "(00:00:01) ",
        "[00:01] ",
        "#00:00:01-0# ",
        "00:00:01 ",
        "1:",
        "1.1.",
    ),
    *(
        "1 ",
        "10:00 AM ",
        "05/03/2024, 10:00 ",
        "0'03\" ",
        "- a. - b. ",
        ">> a ",
        "--> ",
        "00:00:01,000 --> ",
        "<b>",
        "<v Ann>",
    ),
    *(
        "{\\i1}",
        "[link](x) ",
        "**a** ",
        "Name, Name: ",
        "http://x ",
        "字",
        "ก",
        "é",
        "&#x41;",
        "<p>",
        "<dt>a</dt>",
        "<cite>",
        "<cite>a<p>",
    ),
)
_HEADS: dict[str, str] = {
    "vtt": "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n",
    "srt": "1\n00:00:01,000 --> 00:00:02,000\n",
    "sbv": "0:00:01.000,0:00:02.000\n",
    "ass": "[Script Info]\n[Events]\nFormat: Start, End, Name, Text\nDialogue: 0:00:01.00,0:00:02.00,,",
    "ttml": '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">',
    "smi": "<SAMI><BODY><SYNC Start=1000><P>",
    "sub": "{1}{1}25\n{25}{75}",
    "lrc": "[ti:x]\n[00:01.00]",
    "csv": "speaker,start,text\nAnn,1,",
    "tsv": "start\tend\ttext\n1000\t2000\t",
    "xml": '<transcript><text start="1" dur="1">',
    "json": '[{"start": 1, "text": "',
    "md": "# Talk\n\n",
    "txt": "[00:00:01] Ann Lee: words.\n",
    "html": "<html><body><article><p>",
    "cited.html": "<html><body><cite>Ann:</cite><time>0:01</time><p>",
    "eml.txt": "words\n",
}
_WORST_BYTES = 5_000_000
_TRIED = (_WORST_BYTES // 128, _WORST_BYTES // 32)
_LINES = (_WORST_BYTES, 200, 20)
_SHOWN = 5.0  # seconds that a case may take at full size, by its growth at two small ones, from which it is measured


def _worst(kinds: list[str]) -> None:
    """A line for each case that is slow at full size, or grows faster than its size."""
    for (kind, head), scrap, length in product(_HEADS.items(), SCRAPS, _LINES):
        if kinds and kind not in kinds:
            continue

        def spent(size: int, kind: str = kind, head: str = head, scrap: str = scrap, length: int = length) -> float:
            line = scrap * max(1, min(length, size) // len(scrap.encode()))
            lines = [line] * max(1, size // (len(line.encode()) + 1))
            return _time((head + "\n".join(lines)).encode(), f"talk.{kind}")

        few, more = map(spent, _TRIED)
        growth = max(1.0, math.log(more / few, _TRIED[1] / _TRIED[0]))
        likely = more * (_WORST_BYTES / _TRIED[1]) ** growth
        if likely > _SHOWN:
            shape = "one line" if length == _WORST_BYTES else f"lines of {length}"
            print(f"{kind:8} {scrap!r:24} {shape:12} {spent(_WORST_BYTES):6.1f} s (expected {likely:6.1f})", flush=True)


def _time(data: bytes, name: str) -> float:
    began = process_time()
    with suppress(NoTranscript):
        parse(data, name)
    return process_time() - began


def _row(name: str, cues: int) -> None:
    parse(FORMATS[name](10).encode(), name)  # what is imported for the format
    data = FORMATS[name](cues).encode()
    began = process_time()
    try:
        parse(data, name)
    except NoTranscript as error:
        print(f"{name:14} {cues:9,} cues {len(data) / 1e6:7.1f} MB refused: {error.message}", flush=True)
        return
    spent, memory = process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(
        f"{name:14} {cues:9,} cues {len(data) / 1e6:7.1f} MB {spent:7.2f} s {spent / cues * 1e6:6.1f} us a cue"
        f" {memory:6,} MB of memory",
        flush=True,
    )


def main() -> None:
    """Every format at every size that a file may have, then the worst of each."""
    if sys.argv[1:2] == ["worst"]:
        _worst(sys.argv[2:])
        return
    most = int(sys.argv[1]) if len(sys.argv) > 1 else _SIZES[-1]
    for name, cues in product(sys.argv[2:] or FORMATS, (size for size in _SIZES if size <= most)):
        # In a process of its own, which begins with the memory of an empty one.
        child = multiprocessing.Process(target=_row, args=(name, cues))
        child.start()
        child.join()
    if not sys.argv[2:]:
        _worst([])


if __name__ == "__main__":
    main()

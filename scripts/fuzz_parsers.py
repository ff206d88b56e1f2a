"""Feed every parser damaged files: ``python -m scripts.fuzz_parsers [--minutes 1] [--ledger FILE] [FORMAT…]``.

Minutes are of the processor's time in a parser's process. With a ledger (JSON: minutes, inputs, slowest seconds and
failures by format) runs add up: the format with the fewest minutes is next, a minute at a time, until all have as many
as asked. A parser may find words or raise one of our errors. Anything else is a crash; more than 10 s on one input is a
hang, and so is more than 4 GB; more letters than the file has are words made up. Such inputs are saved in build/fuzz,
one a kind, with the seed in the name. Exit code 1 where there was one. The same seed feeds the same inputs as long as
the clock allows.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import queue
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from scripts.time_parsing import FORMATS, SCRAPS
from tests.fakes.documents import docx, epub, pdf, word_paragraph, zipped

from autointel.errors import AutointelError

_FOLDER: Final = Path(__file__).resolve().parent.parent / "build" / "fuzz"
_CUES: Final = 24
_SECONDS: Final = 10
_SLICE: Final = 1.0  # minutes until the next format has its turn
_SHARE: Final = 60  # of the processor, at the least one part in so many: others may have it meanwhile
_MOST_BYTES: Final = 5_000_000
_PACKED: Final = frozenset({"talk.pdf", "talk.docx", "talk.epub"})
_MEMORY: Final = 4_000_000_000
_ODD: Final = (
    *("\x00", "\ufeff", "\u2028", "\u202e", "\ud7ff", "\U0010ffff", "\\ud800", "NaN", "-1", "1e308", "1e400"),
    *("9" * 400, "-" * 300, "[" * 900, "{" * 900, "<p>" * 900, "((((" * 200, "&#0;", "&#xFFFFFFFF;", "&lol9;"),
    *("99:99:99,999 --> 00:00:00,000", "-00:00:01.000", "[99999:99]", "{2147483648}{-1}", "null", "true", '""', "]]>"),
    *("<!DOCTYPE x [<!ENTITY a 'b'>]>", '<?xml version="1.0"?>', "\r", "\n\n\n", "WEBVTT\n", "---\ntitle: x\n---\n"),
)


def _feed(cues: int) -> str:
    items = "".join(
        f"<item><title>Talk {n}</title><guid>{n}</guid><pubDate>Mon, 0{n % 9 + 1} Jan 2024 10:00:00 GMT</pubDate>"
        f'<enclosure url="https://x.example/{n}.mp3" type="audio/mpeg" length="1"/><itunes:duration>1:0{n % 9}'
        f'</itunes:duration><podcast:transcript url="https://x.example/{n}.vtt" type="text/vtt"/></item>'
        for n in range(cues)
    )
    spaces = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    return f'<rss version="2.0" {spaces}><channel><title>Show</title>{items}</channel></rss>'


def _web_page(cues: int) -> str:
    """A page of the web: what it names (links, tracks, structured data), its article and its transcript are read."""
    said = json.dumps({"@type": "VideoObject", "name": "Talk", "contentUrl": "/a.mp4", "transcript": "words " * cues})
    rows = "".join(
        f'<p data-start="{n}"><time>00:{n % 60:02}</time> <b>Ann Lee:</b> {"words of the talk " * 5}'
        f"<sup>[{n}]</sup></p>"
        for n in range(cues)
    )
    head = (
        f'<title>Talk</title><script type="application/ld+json">{said}</script>'
        '<meta property="og:video" content="/v.mp4"><link rel="alternate" type="application/rss+xml" href="/feed">'
    )
    player = (
        '<video src="/v.mp4"><track kind="captions" srclang="en" src="/en.vtt"></video><iframe src="//x.example/e">'
    )
    return f'<html lang="en"><head>{head}</head><body>{player}</iframe><article>{rows}</article></body></html>'


_MORE: Final[dict[str, Callable[[int], str]]] = {
    "feed.xml": _feed,
    "web page": _web_page,
    "episode page": _web_page,
}


def _documents(cues: int) -> dict[str, bytes]:
    lines = [f"Ann Lee: words of line {n}, said once." for n in range(cues)]
    return {
        "talk.pdf": pdf([lines, lines[::-1]], title="Talk"),
        "talk.docx": docx("".join(map(word_paragraph, lines)), title="Talk"),
        "talk.epub": epub({"One": "".join(f"<p>{line}</p>" for line in lines), "Two": "<h1>Two</h1><p>End.</p>"}),
    }


def seeds() -> dict[str, bytes]:
    """A whole file of every format, by its name."""
    texts = {**FORMATS, **_MORE}
    return {name: build(_CUES).encode() for name, build in texts.items()} | _documents(_CUES)


def parser_of(name: str) -> Callable[[bytes], object]:
    """What reads a file of that name."""
    from autointel.adapters.sources.parse import parse

    if name == "feed.xml":
        from autointel.adapters.sources.podcasts.feed import parse_feed

        return lambda data: parse_feed(data, "https://x.example/feed.xml")
    if name in _PAGE_READERS:
        return _PAGE_READERS[name]
    return lambda data: parse(data, name)


def _read_web_page(data: bytes) -> None:
    from autointel.adapters.sources.web.articles import parse_article
    from autointel.adapters.sources.web.page import inspect

    inspect(data, "https://x.example/talk")
    parse_article(data, "https://x.example/talk")


def _read_episode_page(data: bytes) -> None:
    from autointel.adapters.sources.web.html_transcript import parse_transcript_page

    parse_transcript_page(data, "https://x.example/talk")


_PAGE_READERS: Final[dict[str, Callable[[bytes], object]]] = {
    "web page": _read_web_page,
    "episode page": _read_episode_page,
}


def damaged(data: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    """The file after one to eight accidents; one in fifty becomes as large as a file may be."""
    if data.startswith(b"PK") and draw.random() < 0.7:  # noqa: PLR2004  the rest of them are damaged as archives
        return _damaged_inside(data, draw, others)
    for _ in range(draw.randint(1, 8)):
        data = _accident(data, draw, others)
    if draw.random() < 0.02 and data:  # noqa: PLR2004
        data = (data * (_MOST_BYTES // len(data) + 1))[:_MOST_BYTES]
    return data[:_MOST_BYTES]


def _damaged_inside(data: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    chosen = draw.choice(sorted(parts))
    inside = parts[chosen]
    parts[chosen] = _accident(inside if isinstance(inside, bytes) else inside.encode(), draw, others)
    if draw.random() < 0.1:  # noqa: PLR2004
        del parts[draw.choice(sorted(parts))]
    return zipped(parts)


def _accident(data: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    at, to = sorted((draw.randint(0, len(data)), draw.randint(0, len(data))))
    scrap = draw.choice((*SCRAPS, *_ODD)).encode("utf-8", "surrogatepass")
    other = draw.choice(others)
    coding = draw.choice(("utf-16", "utf-32", "latin-1", "cp1252"))
    accidents: tuple[Callable[[], bytes], ...] = (
        lambda: data[:at] + draw.randbytes(draw.randint(1, 4)) + data[at + 1 :],
        lambda: data[:at] + data[to:],
        lambda: data[:to] + data[at:to][:2000] * draw.randint(1, 50) + data[to:],
        lambda: data[:at] + scrap * draw.choice((1, 1, 1, 2, 50)) + data[at:],
        lambda: data[to:] + data[at:to] + data[:at],
        lambda: data[:at],
        lambda: data[:at] + other[draw.randint(0, len(other)) :] + data[to:],
        lambda: data.decode("utf-8", "replace").encode(coding, "replace"),
        lambda: data.replace(draw.choice((b"\n", b" ", b":", b'"', b"<", b",")), scrap)[:_MOST_BYTES],
        lambda: _numbers(data, draw),
    )
    return draw.choice(accidents)()


def _numbers(data: bytes, draw: random.Random) -> bytes:
    """Some digits become others, more or none."""
    return bytes(
        draw.choice(b"0123456789-.e") if 48 <= each < 58 and draw.random() < 0.2 else each  # noqa: PLR2004  digits
        for each in data
    )


class _TooSlow(BaseException):
    """Nothing in a parser may catch it."""


def _ring(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _TooSlow


def fuzz(name: str, seconds: float, seed: int, found: Any) -> None:
    """Runs in a process of its own; puts (inputs, slowest, kinds of failure) on ``found``."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGPROF, _ring)
    files = seeds()
    parse, draw, others = parser_of(name), random.Random(f"{seed} {name}"), list(files.values())  # noqa: S311
    failures: dict[str, str] = {}
    count, until, slowest = 0, time.process_time() + seconds, 0.0
    while time.process_time() < until:
        data = damaged(files[name], draw, others)
        current(name, seed).write_bytes(data)
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, 2 * _SECONDS)  # of the processor: others may have it meanwhile
        try:
            if _letters(parse(data)) > len(data) and name not in _PACKED:
                _note(failures, "more words than the file has", data, name, seed)
        except AutointelError:
            pass
        except _TooSlow:
            _note(failures, "hang", data, name, seed)
        except BaseException as error:  # noqa: BLE001  this is what is looked for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            _note(failures, f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}", data, name, seed)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        spent = time.process_time() - began
        slowest = max(slowest, spent)
        if spent > _SECONDS:
            _note(failures, f"took {spent:.0f} s", data, name, seed)
        count += 1
    current(name, seed).unlink()
    found.put((count, slowest, failures))


def _letters(parsed: object) -> int:
    return sum(len(segment.text) for segment in getattr(parsed, "segments", ()))


def current(name: str, seed: int) -> Path:
    """The input that a process is at: if it hangs or dies, that is the one."""
    return _FOLDER / f"{name}.{seed}.now"


def _note(failures: dict[str, str], what: str, data: bytes, name: str, seed: int) -> None:
    if what not in failures:
        path = _FOLDER / f"{seed}-{len(failures)}-{name}"
        path.write_bytes(data)
        failures[what] = str(path)


def _slice(name: str, minutes: float) -> tuple[int, float, dict[str, str]]:
    """Inputs, slowest seconds and failures of so many minutes of a format."""
    seed = time.time_ns() // 1000
    found: Any = multiprocessing.Queue()
    worker = multiprocessing.Process(target=fuzz, args=(name, minutes * 60, seed, found))
    worker.start()
    try:
        return found.get(timeout=minutes * 60 * _SHARE + 60 * _SECONDS)  # type: ignore[no-any-return]
    except queue.Empty:
        return 0, 0.0, {"no answer": str(current(name, seed))}
    finally:
        worker.join(timeout=1)
        worker.kill()


def main() -> int:
    """A line for each slice; 1 where anything crashed or hung."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=1.0, help="of the processor, for each format in all")
    options.add_argument("--ledger", type=Path, help="a JSON file that adds up what several runs did")
    options.add_argument("formats", nargs="*", metavar="FORMAT")
    asked = options.parse_args()
    ledger = json.loads(asked.ledger.read_text()) if asked.ledger and asked.ledger.exists() else {}
    _FOLDER.mkdir(parents=True, exist_ok=True)
    failed = False
    names = asked.formats or list(seeds())
    for name in names:
        ledger.setdefault(name, {"minutes": 0.0, "inputs": 0, "slowest": 0.0, "failures": {}})
    while (name := min(names, key=lambda each: ledger[each]["minutes"])) and ledger[name]["minutes"] < asked.minutes:
        row, minutes = ledger[name], min(_SLICE, asked.minutes)
        count, slowest, failures = _slice(name, minutes)
        failed = failed or bool(failures)
        row["minutes"] += minutes
        row["inputs"] += count
        row["slowest"] = max(row["slowest"], slowest)
        row["failures"] |= failures
        if asked.ledger:
            asked.ledger.write_text(json.dumps(ledger, indent=1))
        verdict = json.dumps(failures) if failures else "sound"
        done = f"{row['minutes']:5.1f} min {row['inputs']:8,} inputs, slowest {row['slowest']:5.1f} s"
        print(f"{name:14} {done}  {verdict}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

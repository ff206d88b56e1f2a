"""Prose is never the answer to the unknown: what is no speech and no article is refused by its name."""

from __future__ import annotations

import base64

import pytest

from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

PROSE = "The harbour board voted on Monday night to close the north quay for three years, by seven votes against two. "
CODE = "\n".join(
    f"def step_{n}(value: int) -> int:\n    return value + {n};\nresult[{n}] = step_{n}({n})" for n in range(20)
)
LOG = "\n".join(f"2026-03-05 10:00:{n:02} INFO server request {n} answered in {n} ms" for n in range(30))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<rss><channel><title>Dry Dock</title><item/></channel></rss>", "podcast's feed"),
        ('<?xml version="1.0"?><note><to>You</to><body>Words</body></note>', r"an XML document \(note\)"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><text>Words</text></svg>', "a drawing"),
        ("#EXTM3U\n#EXTINF:1,Words\nhttp://x.example/1.mp3\n", "a playlist"),
        ("BEGIN:VCALENDAR\nSUMMARY:Words\nEND:VCALENDAR\n", "a calendar"),
        ("-----BEGIN PGP MESSAGE-----\nabc\n", "an encrypted message"),
        ("\\documentclass{article}\nWords\n", "LaTeX"),
        ("#!/bin/sh\necho words\n", "a script"),
        ("Scenarist_SCC V1.0\n\n00:00:03:00\t9420 9420 94ae 94ae\n", "SCC"),
        ("850STL25.01100Harbour talk", "EBU STL"),
        ("# VobSub index file, v7\nsize: 720x576\n", "VobSub"),
        ("SPEAKER talk 1 3.00 4.00 <NA> <NA> ana <NA> <NA>\n", "RTTM"),
        ('<?xml version="1.0"?><USFSubtitles version="1.0"><subtitles/></USFSubtitles>', "USF"),
        ("on:\n  push:\n    branches: [main]\njobs:\n  build:\n    runs-on: ubuntu\n", "settings"),
        ("\n".join(f"https://x.example/talks/{n}" for n in range(9)), "a list of addresses"),
        ("From: a@x.example\nTo: b@x.example\nSubject: Words\nMIME-Version: 1.0\n\nWords\n", "an e-mail"),
        ('{"openapi": "3.0.0", "paths": {"/a": {"get": {"description": "Words"}}}}', "OpenAPI"),
        ('{"kind": "x", "apiVersion": "v1"}', 'its fields: "kind", "apiVersion"'),
        ("Received: from a\nMessage-ID: <1>\nMIME-Version: 1.0\nSubject: Words\n\nWords\n", "an e-mail"),
        (base64.encodebytes(PROSE.encode() * 20).decode(), "encoded data"),
        ("".join(f"<w{n}>word</w{n}> " for n in range(200)), "markup"),
        (CODE, "source code"),
        (LOG, "a log"),
        ("import os\n\ndef main():\n    print(os.getcwd())\nmain()\n", "source code"),
        ("import sys\ndef add(a, b):\n    return a + b\nx = add(1, 2)\nprint(x)\n", "source code"),
        ("# Talks\ntalks/quay.vtt\nhttps://x.example/a\n\n/home/ana/board.txt\n", "a list of addresses or files"),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in run\nValueError: words\n', "an error"),
        ("\n".join(f"Mar  1 10:15:{n:02} quay sshd[10{n}]: Accepted key for ana" for n in range(9)), "a log"),
        (
            "\n".join(f'10.0.0.1 - - [01/Mar/2026:10:15:{n:02} +0000] "GET /a HTTP/1.1" 200 5' for n in range(9)),
            "a log",
        ),
        (
            "CREATE TABLE quay (id INT);\nINSERT INTO quay VALUES (1);\nSELECT id FROM quay WHERE id = 1;\n",
            "source code",
        ),
        ("body { margin: 0; color: #333 }\n.head, .foot { color: red }\na:hover { color: blue }\n", "source code"),
        ("\n".join(f"{n},{n * 7},{n * 11}" for n in range(40)), "a table of data"),
        ("\n".join(f"word{n}\tO" for n in range(40)), "a table of data"),
        (" ".join(str(n * 7919) for n in range(60)), "a table of numbers"),
        ("(([[ ]])) " * 40, "neither words"),
        ("@ This file written with the Avid Caption plugin\n<begin subtitles>\n", "Avid"),
        (";FFMETADATA1\n[CHAPTER]\nSTART=0\nEND=60000\ntitle=Intro\n", "chapters for FFmpeg"),
        ("TITLE=Talk\nFORMAT=TIME\n\n1 2.5\nWords.\n", "MPsub"),
        (
            "import os\n\ndef main():\n    print(os.name)\n\nif __name__ == '__main__':\n    main()\n    sys.exit(0)\n",
            "source code",
        ),
        ('# a page\nmsgid ""\nmsgstr ""\n\nmsgid "The quay is closed."\nmsgstr "Der Kai ist zu."\n', "translations"),
        (f"-- a dump\nSET NAMES utf8;\nINSERT INTO talks (id, words) VALUES\n(1, '{PROSE}'),\n(2, 'No.');\n", "SQL"),
        (f"# the page\npage.title={PROSE}\npage.hint={PROSE}\npage.error=Nobody came\n", "settings"),
        (f'/* the page */\n"title" = "{PROSE}";\n"hint" = "{PROSE}";\n"error" = "Nobody came";\n', "settings"),
        ("# Listing\n\n```python\nimport os\nfor line in open('x'):\n    print(line)\n```\n", "source code"),
        (f'id,question,answer\n1,Who pays?,"{PROSE}"\n2,Who asked?,Nobody\n', '"id", "question", "answer"'),
        (f'Nr;Frage;Antwort\n1;"Wer; und wann?";{PROSE}\n2;Wer fragt?;Keiner\n', '"Nr", "Frage", "Antwort"'),
    ],
)
def test_what_is_no_prose_is_refused_by_name(text: str, kind: str) -> None:
    with pytest.raises(NoTranscript, match=kind):
        parse(text.encode(), "talk.txt")


def test_a_feed_s_own_address_is_offered() -> None:
    feed = '<rss><channel><atom:link rel="self" href="https://pod.example/feed.xml"/><item/></channel></rss>'

    with pytest.raises(NoTranscript) as raised:
        parse(feed.encode(), "feed.xml")

    assert raised.value.hint == "Pass https://pod.example/feed.xml instead."


@pytest.mark.parametrize(
    "text",
    [
        PROSE * 3 + "In 2023, 4.2 million euros went to 11 of 40 pillars (27%); see https://x.example/a?b=1&c=2. " * 3,
        "".join(f"[00:{n:02}:05] Marta: {PROSE}\n" for n in range(30)),
        "港湾委員会は昨夜、七対二で投票しました。" * 20,
        "बंदरगाह समिति ने कल रात सात बनाम दो मतों से मतदान किया। " * 20,
        "# Notes\n\n- one **bold** point, and `code` in it\n- another point, with [a link](https://x.example)\n"
        + PROSE * 3,
        f"```\nMarta: {PROSE}\nPavel: {PROSE}\n```\n",
        f"{PROSE}\n\n```python\nprint(1)\n```\n\n{PROSE}",
        "Ana (laughs): We close the quay.\nfor three years, she said:\nif you ask me (I was there), it is late.\n",
        f"Drop the board, set a date, ask.\nMarta, Pavel, Ann came.\n{PROSE}\nNobody, said Ann, asked them.\n",
        "MARTA:\tWhy so?\nPAVEL:\tNobody knows.\nMARTA:\tReally?\n" * 6,
        "Marta, 41, said no, twice.\nPavel, 52, said yes, once.\nNobody, of course, asked why.\n" * 4 + PROSE,
    ],
)
def test_prose_is_read_without_a_doubt(text: str) -> None:
    parsed = parse(text.encode(), "talk.txt")

    assert not [warning for warning in parsed.warnings if "looks like" in warning]


def test_markup_left_in_the_words_is_told_with_its_share() -> None:
    parsed = parse((PROSE * 6 + '<span class="note">a note</span> ' * 3).encode(), "talk.txt")

    assert 0.04 < parsed.mends.markup_share < 0.25
    assert "looks like markup" in parsed.warnings[-1]


def saved(page: str, headers: str = "") -> bytes:
    quoted = page.replace("=", "=3D").replace(" on Monday", " on=\r\n Monday")
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://harbour.example/story\r\nSubject: Quay\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="xx"\r\n\r\n'
        "--xx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: https://ads.example/frame\r\n\r\n<p>Buy!</p>\r\n"
        "--xx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        f"Content-Location: https://harbour.example/story\r\n{headers}\r\n{quoted}\r\n--xx--\r\n"
    ).encode()


def test_a_saved_page_is_read_as_the_page_in_it() -> None:
    page = f'<html lang="en"><body><article><p>{PROSE * 2}</p><p>{PROSE}</p></article></body></html>'

    parsed = parse(saved(page), "page.mhtml")

    assert [segment.text for segment in parsed.segments] == [" ".join((PROSE * 2).split()), PROSE.strip()]


def test_a_web_archive_without_a_page_says_so() -> None:
    archive = (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: image/png\n\nx\n--x--\n"
    )

    with pytest.raises(NoTranscript, match="web archive without a page"):
        parse(archive, "page.mht")


def test_a_piece_of_a_page_is_read_as_a_page() -> None:
    parsed = parse(f'<div class="story">\n<p>{PROSE}</p>\n<p>{PROSE}Again.</p></div>'.encode(), "piece.html")

    assert [segment.text for segment in parsed.segments] == [PROSE.strip(), f"{PROSE}Again."]


@pytest.mark.parametrize(
    ("cue", "kind"),
    [
        ("sprite.jpg#xywh={n},0,160,90", "addresses of pictures"),
        ('{{"lat": {n}.5, "lon": 7.1}}', "data in JSON"),
        ("FrameCnt: {n}, DiffTime: 33ms\n[iso: 100] [shutter: 1/500.0]", "measurements of a drone"),
        ("GPS(18.1, 59.{n}, 30) BAROMETER:12.{n}", "measurements of a drone"),
    ],
)
def test_captions_that_hold_no_speech_are_refused_by_name(cue: str, kind: str) -> None:
    cues = (f"00:0{n}.000 --> 00:0{n}.900\n{cue.format(n=n)}\n\n" for n in range(1, 8))

    with pytest.raises(NoTranscript, match=kind):
        parse(("WEBVTT\n\n" + "".join(cues)).encode(), "talk.vtt")


@pytest.mark.parametrize("name", ["talk.vtt", "talk.srt", "talk.smi", "talk"])
def test_words_under_times_that_cannot_be_are_counted_not_denied(name: str) -> None:
    cue = "00:00:99,000 --> 00:01:77,000\nThe board voted, and nobody was asked.\n"
    text = {"talk.vtt": f"WEBVTT\n\n{cue}", "talk.smi": "<SAMI><BODY><SYNC Start=x><P>The board voted.\n"}.get(
        name, f"1\n{cue}"
    )

    with pytest.raises(NoTranscript, match="1 block of words has no time that can be read"):
        parse(text.encode(), name)


def test_a_list_of_very_many_short_lines_is_refused_before_it_takes_a_minute() -> None:
    with pytest.raises(NoTranscript, match="a list of 260,000 short lines"):
        parse(b"Yes.\n" * 260_000, "talk.txt")


def test_a_line_in_which_the_speaker_changes_with_every_word_is_refused_before_it_takes_a_minute() -> None:
    with pytest.raises(NoTranscript, match="a list of 260,000 changes of speaker"):
        parse(b">> a " * 260_000, "talk.txt")


def test_one_line_with_a_time_after_every_word_is_refused_before_it_takes_a_minute() -> None:
    with pytest.raises(NoTranscript, match="a list of 130,000 times"):
        parse(b"P+(00:00:01) " * 130_000, "talk.txt")

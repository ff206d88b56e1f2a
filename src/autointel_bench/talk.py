"""A talk of any length that nobody gave: always the same one, with speakers, numbers, names and disagreement."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

from autointel_bench.simulated.voices import share

_SPEAKERS: Final = ("Ada Brandt", "Jon Okafor", "Mara Lind", "Tomas Reyes")
_CITIES: Final = ("Tallinn", "Dunkirk", "Kansas City", "Luxembourg", "Olympia", "Calder Falls", "Hasselt", "Aubagne")
_MATTERS: Final = ("ridership", "revenue", "car traffic", "waiting time", "staff turnover", "fare evasion", "noise")
_SENTENCES: Final = (
    "In {city} the {matter} changed by {number} percent in {year}, and nobody at this table expected that.",
    "I do not accept that, because the figure for {matter} in {city} was taken from a single week in {year}.",
    "What we paid for it was {number} million a year, and the council of {city} never voted on the second half.",
    "Either we act on {matter} now or we will be back here in {number} months with the same question.",
    "My own view is that {matter} follows from how often a bus comes and hardly at all from what a ticket costs.",
    "People in {city} told us that they would rather have {number} more buses an hour than a free ride.",
    "So when you say that {city} proves it, you are leaving out the {number} thousand who moved there since {year}.",
    "Let me put it differently, since the question of {matter} keeps being mixed up with the question of who pays.",
    "The report of {year} counts {number} drivers in {city}, and a third of them have left the depot by now.",
    "That is true as far as it goes, but it says nothing about {matter} on a wet evening in {city}.",
)
_WRITTEN: Final = (
    "In {year} the statistics of {city} show that {matter} changed by {number} percent.",
    "The figure was taken over a whole month, and {matter} in {city} is measured the same way since {year}.",
    "The council of {city} voted on {number} million in the second half of {year}, as its minutes say.",
    "A ticket costs {number} cents there, and how often a bus comes has hardly changed.",
    "People in {city} were asked about more buses an hour and a free ride; {number} percent chose the buses.",
    "About {number} thousand have moved to {city} since {year}, which proves little either way.",
    "The question who pays for {matter} keeps coming up in the council's papers of {year}.",
    "The report counts {number} drivers who left the depot, a third of them before {year}.",
    "On a wet evening {matter} in {city} is as on any other, according to the operator.",
    "Those who act on {matter} now save money within {number} months, the auditors write.",
)
_CUE: Final = 9  # words
_PACE: Final = 0.4  # seconds a word
_TURN: Final = 5  # sentences


def talk(words: int) -> str:
    """A WebVTT file of at least so many words, cut off after a sentence."""
    cues, at, spoken = ["WEBVTT"], 0.0, 0
    for number, (speaker, sentence) in enumerate(said()):
        if spoken >= words:
            break
        pieces = sentence.split()
        spoken += len(pieces)
        for first in range(0, len(pieces), _CUE):
            piece = pieces[first : first + _CUE]
            until = at + len(piece) * _PACE
            cues.append(f"{_clock(at)} --> {_clock(until)}\n<v {speaker}>{' '.join(piece)}")
            at = until
        # A speaker who has finished is followed by a breath.
        at += 0.5 if number % _TURN == _TURN - 1 else 0.0
    return "\n\n".join(cues) + "\n"


def pages(number: int) -> Iterator[tuple[str, str]]:
    """Names and texts of pages on the same matters, for a folder of evidence; every sentence of the talk finds some."""
    for page in range(number):
        city, said = _CITIES[page % len(_CITIES)], []
        for line, pattern in enumerate(_WRITTEN):
            matter = _MATTERS[int(share("page", page, line) * len(_MATTERS))]
            number_there, year = 2 + int(share(page, line) * 60), 2005 + line
            said.append(pattern.format(city=city, matter=matter, number=number_there, year=year))
        yield f"statistics-{page}.txt", f"Statistics of {city}, part {page + 1}\n\n{' '.join(said)}\n"


def said() -> Iterator[tuple[str, str]]:
    """Speakers and sentences, without end."""
    for number in count():
        pattern = _SENTENCES[int(share("pattern", number) * len(_SENTENCES))]
        sentence = pattern.format(
            city=_CITIES[int(share("city", number) * len(_CITIES))],
            matter=_MATTERS[int(share("matter", number) * len(_MATTERS))],
            number=2 + int(share("number", number) * 97),
            year=1995 + int(share("year", number) * 30),
        )
        yield _SPEAKERS[number // _TURN % len(_SPEAKERS)], sentence


def _clock(seconds: float) -> str:
    minutes, thousandths = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths // 1000:02}.{thousandths % 1000:03}"

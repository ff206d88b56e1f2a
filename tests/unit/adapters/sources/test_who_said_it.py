"""Who said it, in some two hundred transcripts as tools, clerks and people write them, and in texts that are none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autointel.adapters.sources.parse import parse

Said = list[tuple[str | None, str]]

_CASES = tomllib.loads((Path(__file__).parent / "who_said_it.toml").read_text(encoding="utf-8"))["case"]


def said(text: str, name: str) -> Said:
    """Turns: neighbours by one speaker as one."""
    turns: Said = []
    for segment in parse(text.encode(), name).segments:
        if turns and turns[-1][0] == segment.speaker:
            turns[-1] = (segment.speaker, f"{turns[-1][1]} {segment.text}")
        else:
            turns.append((segment.speaker, segment.text))
    return turns


@pytest.mark.parametrize("case", [each for each in _CASES if each["said"]], ids=lambda case: case["name"])
def test_each_turn_is_said_by_whom_the_text_names(case: dict[str, Any]) -> None:
    turns = [f"{speaker or '-'} | {words}" for speaker, words in said(case["text"], case["file"])]

    assert turns == case["said"]


@pytest.mark.parametrize("case", [each for each in _CASES if not each["said"]], ids=lambda case: case["name"])
def test_what_is_no_talk_names_nobody(case: dict[str, Any]) -> None:
    turns = said(case["text"], case["file"])

    assert {speaker for speaker, _ in turns} == {None}
    assert _words(" ".join(words for _, words in turns)) == _words(_without_times_and_title(case["text"]))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", re.sub(r"</?[a-z]>", "", text))


def _without_times_and_title(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if "-->" not in line and not line.startswith("# "))


# Who speaks, and what; the fourth turn has three paragraphs, and a colon that is no label's.
_TALK: list[tuple[int, tuple[str, ...]]] = [
    (0, ("Welcome to the show. Tonight we talk about the quay.",)),
    (1, ("Thank you for having me.",)),
    (0, ("So what happened last week?",)),
    (1, ("The board voted.", "And nobody had read the paper.", "Here is the point: it costs four million.")),
    (2, ("I read it.",)),
    (0, ("You did?",)),
    (2, ("I did. There are two problems: money and time.",)),
    (1, ("That is true.",)),
    (0, ("And what do you say to the fishermen?",)),
    (2, ("Wait. It is not over.",)),
    (0, ("Thank you both.",)),
    (1, ("Thank you.",)),
]
_PEOPLE = {
    "whole names": ("Jane Doe", "Pavel Novak", "Rosa Feld"),
    "first names": ("Jane", "Pavel", "Rosa"),
    "names that are words": ("Will", "Mark", "Grace"),
    "numbered speakers": ("SPEAKER_00", "SPEAKER_01", "SPEAKER_02"),
    "surnames in capitals": ("DOE", "NOVAK", "FELD"),
    "titles": ("Mr. Smith", "Ms. Doe", "The Chairman"),
    "initials": ("I", "P1", "P2"),
    "small letters": ("jane", "pavel", "rosa"),
    "surname first": ("Doe, Jane", "Novak, Pavel", "Feld, Rosa"),
    "Chinese": ("主持人", "林美华", "王伟"),
    "Arabic": ("المذيع", "أحمد علي", "سارة"),
    "Hindi": ("अदिति", "राहुल कुमार", "मोहन"),
}
_LAYOUTS = (
    "{name}: {words}",
    "{name}:\t{words}",
    "{name}:\n{words}",
    "{name}:\n\n{words}",
    "{name}\n{words}",
    "{name}\n\n{words}",
    "{name}  {short}\n{words}",
    "{name} ({short}):\n{words}",
    "{name}: ({short})\n{words}",
    "{name} ({long}): {words}",
    "[{long}] {name}: {words}",
    "[{long}] {name}\n{words}",
    "[{long}.000] - {name}\n{words}",
    "{long} - {name}\n{words}",
    "{name}\n({long}) {words}",
    "{name}\n({long})\n{words}",
    "{name} - {short}\n{words}",
    "{short}\n{name}\n{words}",
    "@{short} - {name}\n{words}",
    "[{name}] {words}",
    "[{name}]\n{words}",
    "{name} | {short}\n{words}",
    "{name} {long}: {words}",
)
_MARKDOWN = (
    "**{name}:** {words}",
    "**{name}**: {words}",
    "**{name}**\n\n{words}",
    "**{name}** ({short}): {words}",
    "**{name}** [{long}]\n\n{words}",
    "### {name}\n\n{words}",
    "*{name}:* {words}",
    "- **{name}:** {words}",
    "\\[{short}\\] **{name}:** {words}",
    "**[{long}] {name}:** {words}",
)


@pytest.mark.uncounted
@pytest.mark.parametrize("people", _PEOPLE.values(), ids=_PEOPLE.keys())
@pytest.mark.parametrize("layout", [*_LAYOUTS, *_MARKDOWN])
def test_every_layout_names_every_kind_of_speaker(layout: str, people: tuple[str, ...]) -> None:
    apart = " " if "- **" in layout or layout == "[{name}] {words}" else "\n\n"
    turns = (
        layout.format(
            name=people[who], words=apart.join(words), short=f"{n * 7 // 60}:{n * 7 % 60:02}", long=f"00:00:{n * 5:02}"
        )
        for n, (who, words) in enumerate(_TALK)
    )

    assert said("\n\n".join(turns), "a.md" if layout in _MARKDOWN else "a.txt") == _expected(people)


def _expected(people: tuple[str, ...]) -> Said:
    return [(people[who], " ".join(words)) for who, words in _TALK]


_CAPTIONS: dict[str, Callable[[str, str, bool], str]] = {
    "a name on every cue": lambda name, words, _: f"{name}: {words}",
    "a name where it changes": lambda name, words, changes: f"{name}: {words}" if changes else words,
    "a name in brackets": lambda name, words, _: f"[{name}] {words}",
    "a name in brackets before a colon": lambda name, words, _: f"[{name}]: {words}",
    "a name on the first line": lambda name, words, _: f"{name}\n{words}",
    "two chevrons where the speaker changes": lambda name, words, changes: f">> {name}: {words}" if changes else words,
    "a dash": lambda name, words, _: f"- {name}: {words}",
    "closed voices": lambda name, words, _: f"<v {name}>{words}</v>",
    "open voices where they change": lambda name, words, changes: f"<v {name}>{words}" if changes else words,
    "a dash before closed voices": lambda name, words, _: f"- <v {name}>{words}</v>",
}


@pytest.mark.parametrize("people", _PEOPLE.values(), ids=_PEOPLE.keys())
@pytest.mark.parametrize("shape", _CAPTIONS.values(), ids=_CAPTIONS.keys())
def test_every_shape_of_captions_names_every_kind_of_speaker(
    shape: Callable[[str, str, bool], str], people: tuple[str, ...]
) -> None:
    cues = [shape(people[who], words, not n) for who, said_ in _TALK for n, words in enumerate(said_)]
    body = "".join(f"00:00:{n * 3:02}.000 --> 00:00:{n * 3 + 2:02}.000\n{cue}\n\n" for n, cue in enumerate(cues))

    assert said(f"WEBVTT\n\n{body}", "a.vtt") == _expected(people)


def test_words_after_a_closed_voice_are_nobodys() -> None:
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Yes.</v> Waves break.\n\n00:03.000 --> 00:04.000\n<v Ben>No.</v>\n"
    )

    assert said(text, "a.vtt") == [("Ann", "Yes."), (None, "Waves break."), ("Ben", "No.")]


def test_one_voice_that_is_not_closed_makes_all_go_on() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Yes,</v>\n\n00:03.000 --> 00:04.000\nI do.\n\n"

    assert said(text + "00:05.000 --> 00:06.000\n<v Ben>No.", "a.vtt") == [("Ann", "Yes, I do."), ("Ben", "No.")]


def test_a_known_name_inside_a_line_that_is_spoken_to_is_no_label() -> None:
    text = "Jane Doe: Good day.\n\nPavel Novak: Hello.\n\nJane Doe: Good. Pavel Novak: welcome.\n\nPavel Novak: Thanks."

    assert said(text, "a.txt")[2] == ("Jane Doe", "Good. Pavel Novak: welcome.")


def test_several_people_who_are_described_end_the_turn() -> None:
    text = "Jane Doe: Hello.\n\nPavel Novak: Hello.\n\nTwo women at the back: Louder!\n\nJane Doe: Hello!"

    assert ("Pavel Novak", "Hello.") in said(text, "a.txt")


def test_a_firm_behind_a_name_stays_where_it_tells_two_people() -> None:
    cues = "".join(
        f"00:00:0{second}.000 --> 00:00:0{second}.900\n<v {name}>The quay is number {second}.</v>\n\n"
        for second, name in enumerate(
            ("Jane Doe (Harbour Trust)", "Jane Doe (City)", "Ann (2)", "Speaker (Room A)", "Liam Díaz (Guest)"), start=1
        )
    )

    speakers = [speaker for speaker, _ in said(f"WEBVTT\n\n{cues}", "a.vtt")]

    assert speakers == ["Jane Doe (Harbour Trust)", "Jane Doe (City)", "Ann (2)", "Speaker (Room A)", "Liam Díaz"]


def test_a_tools_lines_are_left_out_at_the_head_and_the_end_and_stay_where_somebody_says_them() -> None:
    words = "".join(
        f"Jane Doe: The quay is number {number}.\n\nPavel Novak: {spoken}\n\n"
        for number, spoken in enumerate(("Pavel Novak started transcription", "We stopped transcription", "Yes.") * 3)
    )
    parsed = parse(f"Jane Doe started transcription\n\n{words}Jane Doe stopped transcription\n".encode(), "a.txt")

    assert " ".join(segment.text for segment in parsed.segments).count("transcription") == 6
    assert parsed.warnings[0] == "Lines that the meeting tool wrote of itself were left out: 2."
    assert len(parse(b"Jane Doe started transcription", "a.txt").segments) == 1


def test_a_list_of_names_and_telephones_is_no_talk() -> None:
    numbers = "".join(
        f"{name}: 0431 55512{at}\n" for at, name in enumerate(("Vogt, Anke", "Pike, Erin", "Moore, Ella"))
    )

    assert {speaker for speaker, _ in said(numbers, "a.txt")} == {None}


def test_a_tag_between_two_words_joins_them_to_none() -> None:
    parsed = parse(
        b"# Talk\n\nThe quay<br>closes in March.\n\nSo says Ada<v Eva>quay master, and re<wbr>opens.\n", "a.md"
    )

    words = " ".join(segment.text for segment in parsed.segments)
    assert words == "The quay closes in March. So says Ada quay master, and reopens."


def test_the_notices_of_a_chat_program_are_counted() -> None:
    messages = "".join(
        f"05/03/2024, 10:0{at} - {name}: The quay is {at}.\n" for at, name in enumerate(("Jo", "Al") * 3)
    )
    notices = (
        "Les messages et les appels sont chiffrés de bout en bout. Appuyez pour en savoir plus.",
        "As mensagens e as chamadas são protegidas com a criptografia de ponta a ponta.",
        "I messaggi e le chiamate sono crittografati end-to-end.",
        "Jo changed the group description",
    )
    parsed = parse(("".join(f"05/03/2024, 09:59 - {each}\n" for each in notices) + messages).encode(), "a.txt")

    assert {segment.speaker for segment in parsed.segments} == {"Jo", "Al"}
    assert "Notices of the chat program were left out: 4." in parsed.warnings


def test_a_bracket_that_is_never_closed_stays_a_word_of_whoever_speaks() -> None:
    turns = said(
        "Jane Doe: The quay is shut.\n[see the map\n\nPavel Novak: When?\n\nJane Doe: In March.\n\n" * 2, "a.txt"
    )

    assert turns[0] == ("Jane Doe", "The quay is shut. [see the map")

"""Where in a JSON document the transcript stands: the list that holds most of the words, with times and speakers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import Final

from autointel.adapters.sources.captions.json_items import Json, is_item, is_known_name, speaker_of, time_of, turn_of

Path = tuple[str, ...]

_DEEPEST: Final = 8
_SAMPLE: Final = 40
# Some objects in such a list lack times or text: signs, sounds, broken rows.
_SHARE: Final = 0.3
_FEW: Final = 3
# Lists that hold about as much as the longest hold the same words in another cut.
_AS_MUCH: Final = 0.8
# Of several readings of the same sound, the first is the best.
_FIRST_OF: Final = frozenset({"alternatives", "nBest", "NBest"})
# Who speaks in the lists inside an object; who is who, and under which names.
_AROUND: Final = tuple(
    "speaker participant speaker_name speakerName speaker_id speakerId speaker_label channel_label".split()
)
# Lists whose members are people, each with a list of what he says.
_TRACKS: Final = frozenset("tracks channels speakers participants people voices streams".split())
_PEOPLE: Final = frozenset("speakers participants people users attendees speaker_map persons".split())
_IDS: Final = ("id", "speaker_id", "speakerId", "participant_id", "user_id", "label", "key")
_CALLED: Final = ("name", "display_name", "displayName", "speaker_name", "username", "full_name")
_FINAL: Final = ("is_final", "isFinal", "final")
_LOOKED_AT: Final = 200
# Fields around the words in a message, each of which is read again with every object inside it.
_MOST_AROUND: Final = 30
_PACKED: Final = re.compile(r"\s{0,9}(?:\[\s{0,9}[\[{]|\{\s{0,9}\")")
_SPOKEN: Final = frozenset(
    "text body content spokentext transcript sentence utterance caption display displaytext word punctuated_word value "
    "line message".split()
)
# Where words without times may stand.
_UNTIMED: Final = frozenset(
    "segments utterances sentences paragraphs chunks lines messages monologues transcript transcription".split()
)


@dataclass(slots=True)
class Listing:
    """Lists at the same path, in order: their objects, each with the speaker named around its list."""

    path: Path
    rows: list[tuple[Json, str | None]] = field(default_factory=list)

    @property
    def are_words(self) -> bool:
        """Whether the rows are words rather than sentences, by the name of their list and by their length."""
        texts = [text for raw, _ in self.rows[:_SAMPLE] for text in _strings(raw)]
        single = sum(len(text.split()) <= 1 for text in texts)
        # A few short sentences may be a word each.
        return (self.path[-1:] == ("words",) or len(texts) > _FEW) and single > _AS_MUCH * len(texts)

    @property
    def names_speakers(self) -> bool:
        """Whether any of the rows looked at names one."""
        return any(who or any("speaker" in key.lower() for key in raw) for raw, who in self.rows[:_SAMPLE])

    @property
    def letters(self) -> int:
        """How much text there is, by the longest text of each row."""
        return sum(max(map(len, _strings(raw)), default=0) for raw, _ in self.rows)


def find_listing(listings: Sequence[Listing]) -> Listing | None:
    """The transcript's list; None where there is none with times.

    Of lists with the same words the one with speakers is taken, then the one of sentences before the one of words.
    """
    found = [listing for listing in listings if _is_timed(listing)]
    if len(found) < 2:  # noqa: PLR2004 -- nothing to choose from
        return found[0] if found else None
    # To count letters is a tenth of all reading.
    sized = [(listing.letters, listing) for listing in found]
    most = max(letters for letters, _ in sized)
    whole = [(letters, listing) for letters, listing in sized if letters >= _AS_MUCH * most]
    return max(whole, key=lambda each: (each[1].names_speakers, not each[1].are_words, each[0]))[1]


def find_untimed(listings: Sequence[Listing]) -> Listing | None:
    """A list of texts without times, under a name that transcripts have."""
    found = [each for each in listings if _may_be_untimed(each)]
    return max(found, key=lambda listing: listing.letters, default=None)


def _may_be_untimed(listing: Listing) -> bool:
    named = not _UNTIMED.isdisjoint(listing.path)
    return named or _is_plain(listing) or _is_dialogue(listing) or _are_readings(listing)


def _are_readings(listing: Listing) -> bool:
    """Whether each row is what a recogniser heard, in one reading or several (Google Speech-to-Text)."""
    heard = [raw["alternatives"] for raw, _ in listing.rows[:_SAMPLE] if isinstance(raw.get("alternatives"), list)]
    firsts = [each[0] for each in heard if each and isinstance(each[0], dict)]
    return len(heard) == len(listing.rows[:_SAMPLE]) and any(isinstance(each.get("transcript"), str) for each in firsts)


def _is_plain(listing: Listing) -> bool:
    """Whether a bare list holds nothing but texts and speakers."""
    return not listing.path and all(is_known_name(key) for raw, _ in listing.rows[:_SAMPLE] for key in raw)


def _is_dialogue(listing: Listing) -> bool:
    """Whether nearly every row has a speaker and a text."""
    spoken = [raw for raw, _ in listing.rows if raw.get("speaker") and any(_strings(raw))]
    return len(spoken) > _AS_MUCH * len(listing.rows)


def speaker_names(listings: Sequence[Listing]) -> dict[str | None, str]:
    """Names by the label that the words carry, where the document lists its speakers with an id and a name each."""
    listed = [raw for listing in listings if _PEOPLE.intersection(listing.path[-1:]) for raw, _ in listing.rows]
    return {
        speaker_of(raw[key]): name
        for raw in listed
        for key in _IDS
        if key in raw and speaker_of(raw[key]) and (name := speaker_of({k: raw[k] for k in raw if k in _CALLED}) or "")
    }


def mapped_names(root: object) -> dict[str | None, str]:
    """Names by the label, where the document has one object in which each label is a name: {"A": "Ada Lee"}."""
    found: dict[str | None, str] = {}
    open_values = [root]
    for _ in range(_LOOKED_AT):
        value = open_values.pop() if open_values else None
        if not isinstance(value, dict):
            continue
        for key, each in value.items():
            if isinstance(each, dict) and ("speaker" in key.lower() or "participant" in key.lower()):
                found |= {speaker_of(label): name for label, one in each.items() if (name := speaker_of(one) or "")}
            elif isinstance(each, dict):
                open_values.append(each)
    return found


def speakers_by_start(listings: Sequence[Listing]) -> dict[str, str]:
    """Labels by the start that a word states, where they stand in a list of their own (Amazon Transcribe)."""
    rows = [raw for listing in listings if "speaker_labels" in listing.path for raw, _ in listing.rows]
    return {
        str(raw[key]): label
        for raw in rows
        for key in ("start_time", "from")
        if key in raw and (label := speaker_of(raw.get("speaker_label", raw.get("speaker"))))
    }


def turns_beside(listings: Sequence[Listing]) -> list[tuple[float, float, str]]:
    """Who speaks from when to when, in order, where the document says so in a list without words: Trint's paragraphs,
    a list of pyannote beside Whisper's.
    """
    found = (turn_of(raw) for listing in listings for raw, _ in listing.rows if len(raw) > 2)  # noqa: PLR2004
    return sorted(turn for turn in found if turn is not None)


def listings_of(root: object) -> list[Listing]:
    """Every list of objects, those at the same path as one; a list inside a row is found as well."""
    by_path: dict[Path, Listing] = {}
    open_values: list[tuple[Path, object, str | None]] = [((), root, None)]
    while open_values:
        path, value, speaker = open_values.pop()
        if len(path) > _DEEPEST:
            continue
        inner: Sequence[tuple[str, object]] = ()
        value = _written_out(value)
        if isinstance(value, dict):
            speaker = _named(value) or (_called(value) if _TRACKS.intersection(path[-1:]) else None) or speaker
            inner = [(key, each) for key, each in value.items() if isinstance(each, (dict, list)) or _is_json(each)]
        elif isinstance(value, list):
            rows = value[:1] if path and path[-1] in _FIRST_OF else value
            objects = [row for row in rows if isinstance(row, dict)]
            if objects:
                by_path.setdefault(path, Listing(path)).rows += [(row, speaker) for row in objects]
            inner = [("", row) for row in rows if isinstance(row, (dict, list))]
        # A stack gives back what was put on it last; the order of the document is the order of speech.
        open_values += [((*path, key) if key else path, each, speaker) for key, each in reversed(inner)]
    return list(by_path.values())


def messages_of(root: object) -> Listing | None:
    """The words in a log of a live recogniser's messages, each of which wraps one stretch; None for anything else.

    What a message calls not final is said again by a later one, and left out.
    """
    rows = root if isinstance(root, list) else []
    final = [row for row in rows if isinstance(row, dict) and not _is_partial(row)]
    found: list[tuple[Json, str | None]] = [(item, None) for row in final if (item := _unwrapped(row)) is not None]
    return Listing((), found) if len(found) > 1 and len(found) > _SHARE * len(final) else None


def _is_partial(row: Json) -> bool:
    inner = [row, *(each for each in row.values() if isinstance(each, dict))]
    return any(each.get(key) is False for each in inner for key in _FINAL)


def _unwrapped(row: Json, depth: int = 3) -> Json | None:
    """The stretch of words in a message, with what stands around it: a start may stand beside the wrapped words."""
    if is_item(row):
        return row
    outer = dict(islice(((key, each) for key, each in row.items() if not isinstance(each, (dict, list))), _MOST_AROUND))
    inner = [value for value in row.values() if isinstance(value, dict)] if depth else []
    return next((item for value in inner if (item := _unwrapped(outer | value, depth - 1)) is not None), None)


def _named(value: Json) -> str | None:
    return next((name for key in _AROUND if key in value and (name := speaker_of(value[key]))), None)


def _called(value: Json) -> str | None:
    return speaker_of({key: each for key, each in value.items() if key in _CALLED})


def _is_json(value: object) -> bool:
    """Whether a text is a document of its own, as some services pack one into another."""
    return isinstance(value, str) and _PACKED.match(value) is not None


def _written_out(value: object) -> object:
    """A packed document unpacked; rows that are lists, and times that are names, as the objects that they stand for."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, list) and len(value) > 0 and all(map(_as_object, value[:_SAMPLE])):
        return [each for row in value if (each := _as_object(row))]
    if (
        isinstance(value, dict)
        and len(value) > 1
        and all(_is_said_at(*each) for each in islice(value.items(), _SAMPLE))
    ):
        return [{"start": key, "text": said} for key, said in value.items() if _is_said_at(key, said)]
    return value


def _as_object(row: object) -> Json:
    """A list of a text with one or two times, [3.0, 7.0, "words"], as an object; an empty one for any other value."""
    if not isinstance(row, list) or not 2 <= len(row) <= 4:  # noqa: PLR2004 -- a text, two times and a name
        return {}
    timed = [time_of(cell) is not None for cell in row]
    if not any(timed) or not any(isinstance(cell, str) for cell in row):
        return {}
    times = list(compress(row, timed))[:2]
    texts = sorted(
        (cell for cell, is_time in zip(row, timed, strict=True) if isinstance(cell, str) and not is_time),
        key=len,
        reverse=True,
    )
    return dict(zip(("start", "end"), times, strict=False)) | dict(zip(("text", "speaker"), texts, strict=False))


def _is_said_at(key: str, said: object) -> bool:
    return isinstance(said, str) and ":" in key and time_of(key) is not None


def _is_timed(listing: Listing) -> bool:
    sample = [raw for raw, _ in listing.rows[:_SAMPLE]]
    return sum(map(is_item, sample)) > _SHARE * len(sample)


def _strings(raw: Json) -> Iterator[str]:
    readings = [raw, *(raw[key][0] for key in _FIRST_OF if isinstance(raw.get(key), list) and raw[key])]
    for each in readings:
        if isinstance(each, dict):
            yield from (value for key, value in each.items() if isinstance(value, str) and key.lower() in _SPOKEN)

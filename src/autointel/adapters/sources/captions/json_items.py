"""The stretches of words in a JSON transcript, whatever its maker calls their text, times and speakers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from typing import Any, Final

from autointel.adapters.sources.clock import Moment, clock, moment
from autointel.adapters.sources.markup import clean, one_line

Json = Mapping[str, Any]
# Names in order of preference, without case and signs, and without the unit at their end.
_TEXT: Final = (
    "punctuatedword text body content spokentext transcript sentence utterance caption displaytext display word value "
    "line words"
).split()
_START: Final = (
    "start starttime startdatetime startoffset starttimestamp begin begintime timein tstart offset from ts t0 "
    "timestamp timestamps time at"
).split()
_END: Final = (
    "end endtime enddatetime endoffset endtimestamp resultendtime resultendoffset stop stoptime timeout tend endts to "
    "t1"
).split()
_DURATION: Final = "duration dur durationtime tduration d".split()
_SPEAKER: Final = (
    "speakername speakerdisplayname participantname displayname speakerlabel speaker participant speakerid speakertag "
    "spk person user users username author sender who name role"
).split()
# When a message was sent: a time of what somebody is said to say, and of nothing else.
_SENT: Final = ("date", "datetime", "createdat", "sentat")
# Programs write messages, too.
_LOGGED: Final = frozenset({"level", "severity", "logger", "pid", "hostname"})
_NAMES: Final = ("name", "display_name", "displayName", "speaker_name", "username", "label", "id")
_FIRST_OF: Final = ("alternatives", "nBest", "NBest")
# What a name's end says of its unit, in milliseconds.
_UNITS: Final = (
    ("milliseconds", 1.0),
    ("millis", 1.0),
    ("msec", 1.0),
    ("inms", 1.0),
    ("ms", 1.0),
    ("inticks", 1e-4),
    ("ticks", 1e-4),
    ("seconds", 1000.0),
    ("secs", 1000.0),
    ("sec", 1000.0),
)
_ROLES: Final = {
    name: (role, rank)
    for role, names in (("text", _TEXT), ("start", _START), ("end", _END), ("for", _DURATION), ("who", _SPEAKER))
    for rank, name in enumerate(names)
}
# Headings of columns in tables, and names of fields in languages other than English.
_HEADINGS: Final = {
    "text": "text transcript transcription content sentence sentences subtitle subtitles utterance words caption "
    "captions line dialogue dialog speech message translation texte texto inhalt wortlaut testo tekst metin "
    "transcripcion transcricao trascrizione transkript transkription aussage paroles propos replique frase "
    "frases battuta contenuto contenido conteudo inhoud uitspraak replik tresc wypowiedz szoveg teksti tekstas teks "
    "текст реплика высказывание κειμενο טקסט النص متن テキスト 発言 "
    "発言内容 本文 内容 文本 文字 字幕 내용 텍스트 पाठ ข้อความ noidung",
    "start": "start starttime begin begintime from timestamp timestamps time timecode timecodein tcin in timein offset "
    "starttimecode beginn anfang zeit von debut inicio inizio comienzo hora heure temps tiempo tempo tijd begintijd "
    "starttijd tijdcode tijdstip startzeit anfangszeit zeitstempel zeitmarke zeitcode horodatage minutage inicial "
    "orainizio horainicio tempoinicio marcadetiempo marcadetempo starttid borjan timespan timerange zeitspanne "
    "zeitraum plagehoraire intervallo intervalo tijdspanne poczatek czas zacatek pocetak kezdet kezdes inceput alku "
    "mulai baslangic начало початок время час εναρξη התחלה البداية شروع 開始 "
    "開始時間 時刻 时间 時間 开始 开始时间 시작 시작시간 시간 शुरू เริ่ม batđau",
    "end": "end endtime to stop finish timecodeout tcout out timeout endtimecode ende bis fin final fine fim termino "
    "finalizacion final endzeit eindtijd sluttid orafine horafin tempofim einde koniec konec kraj veg vege sfarsit "
    "loppu selesai slut slutt bitis конец край кінець ληξη סיום النهاية پایان 終了 "
    "終了時間 结束 结束时间 종료 종료시간 समाप्त สิ้นสุด ketthuc",
    "for": "duration dur length dauer duree duracion durata duracao duur czastrwania длительность тривалість 持续时间",
    "who": "speaker speakername speakerid speakerlabel who name person character actor participant role voice "
    "sprecher sprecherin redner rednerin nom nombre nome naam namn persona pessoa "
    "intervenant intervenante locuteur hablante orador parlante oratore falante spreker mowca mluvci govornik beszelo "
    "vorbitor puhuja pembicara talare taler konusmaci спикер говорящий мовець говорител ομιλητης דובר المتحدث گوینده "
    "話者 発言者 说话人 说话者 發言人 화자 발화자 वक्ता ผู้พูด nguoinoi",
}
# Words that stand beside the one that tells: "Hora de inicio", "Start Time", "Speaker Name", "data_start".
_BESIDE: Final = frozenset(
    "time hora heure ora zeit tiempo tempo temps tijd tid code tc stamp marca name nom nombre nome de del di do da du "
    "des d l of la le el il the column offset data segment seg cue audio media sec".split()
)
_UNIT: Final = re.compile(r"(ms|millis|milliseconds|s|sec|secs|seconds|hhmmss\w*|hmmss\w*)\Z")
_PER_UNIT: Final = {"ms": 1.0, "millis": 1.0, "milliseconds": 1.0, "s": 1000.0, "sec": 1000.0, "seconds": 1000.0}
_LONGEST_HEADING: Final = 30
_HUMP: Final = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_MOST_FIELDS: Final = 200
_WRAPPED: Final = 3  # objects and lists around a text
_OTHER_NAME: Final = 100  # the rank of a name that is none of those above
_ISO: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?\Z")
_WITH_UNIT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s)\Z")
# Beyond it a number is no time in any unit: 1,000 hours in nanoseconds.
_LARGEST: Final = 4e15


@dataclass(frozen=True, slots=True)
class Time:
    """A time in milliseconds. Where the file names no unit, ``sure`` is False and seconds are assumed.

    ``clock`` is the time as written where it is one of a clock of the day.
    """

    value: float
    sure: bool
    clock: Moment | None = None


@dataclass(slots=True)
class Item:
    """One stretch: its text with its own white space, its times, its speaker, and its words where they are given."""

    text: str
    start: Time | None
    end: Time | None
    speaker: str | None
    words: list[Item] = field(default_factory=list)
    is_sign: bool = False

    @property
    def says_something(self) -> bool:
        """Whether there is more than white space."""
        return self.text.strip() != ""


def item_of(
    raw: Json, speaker: str | None = None, *, with_words: bool = True, unit: float | None = None
) -> Item | None:
    """The item that an object stands for; None where it has no text. ``speaker`` is who speaks around it, ``unit`` the
    milliseconds in one of its numbers, where what stands around it says so.
    """
    if "RecognitionStatus" in raw:  # Azure counts in ticks of 100 ns under names without a unit
        unit = 1e-4
    found = _fields(raw, unit)
    text = found.get("text")
    if not isinstance(text, str):
        return None
    start, end = _times(found)
    who = speaker_of(found.get("who")) or speaker
    parts = _dicts(_words(raw)) if with_words else iter(())
    words = [item for part in parts if (item := item_of(part, with_words=False, unit=unit)) is not None]
    return Item(clean(text), start, end, who, words, is_sign=raw.get("type") in {"punct", "punctuation"})


def _fields(raw: Json, counted_in: float | None = None, depth: int = _WRAPPED) -> dict[str, Any]:
    """Text, start, end, duration and speaker of an object by the best of its names; ``depth`` as of ``_inner_text``."""
    best: dict[str, tuple[int, Any]] = {}
    if isinstance(raw.get("offsets"), dict):  # whisper.cpp counts them in milliseconds
        best["start"] = (-1, (raw["offsets"], 1.0))
    for key, value in islice(raw.items(), _MOST_FIELDS):
        role, rank, unit = _role(key) if value is not None else (None, 0, None)
        if role == "text" and not isinstance(value, str):
            value = _inner_text(value, depth)  # noqa: PLW2901
        if role is None or value is None:
            continue
        if key == "from" and isinstance(value, str) and time_of(value) is None:
            role = "who"  # Telegram names the sender so
        if role not in best or rank < best[role][0]:
            best[role] = (rank, (value, unit or counted_in) if role in {"start", "end", "for"} else value)
    return _completed({role: value for role, (_, value) in best.items()}, raw, depth)


@lru_cache(maxsize=4096)
def _role(key: str) -> tuple[str | None, int, float | None]:
    name = _folded(key)
    role = _ROLES.get(name)
    if role is not None:
        return *role, None
    for suffix, unit in _UNITS:
        role = _ROLES.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
        if role is not None and role[0] in {"start", "end", "for"}:
            return *role, unit
    named, counted_in = column_role(_HUMP.sub(" ", key))
    return named, _OTHER_NAME, counted_in


@lru_cache(maxsize=4096)
def _folded(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower()[:64])


def _inner_text(value: object, depth: int) -> str | None:
    """The text inside an object, or inside objects without times, as some services wrap one; None for anything else.

    No deeper than ``depth``, and what is looked at for its times no deeper either: each level is read twice.
    """
    if isinstance(value, str) or depth == 0:
        return value if isinstance(value, str) else None
    if isinstance(value, dict):
        inner = (_inner_text(each, depth - 1) for key, each in value.items() if _role(key)[0] == "text")
        return next((text for text in inner if text is not None), None)
    if not isinstance(value, list) or not all(
        isinstance(each, dict) and not is_item(each, depth - 1) for each in value
    ):
        return None
    texts = [_inner_text(each, depth - 1) for each in value]
    return " ".join(text for text in texts if text) or None


def _completed(found: dict[str, Any], raw: Json, depth: int) -> dict[str, Any]:
    """The fields with what only other names say: a message and when it was sent, the best of several readings."""
    if "who" in found and "start" not in found:
        found |= _sent(raw)
    if "who" in found and "text" not in found and isinstance(raw.get("message"), str) and _LOGGED.isdisjoint(raw):
        return found | {"text": raw["message"]}
    reading = next(_readings(raw), None) if "text" not in found else None
    if reading is None:
        return found
    inner = _fields(reading, depth=depth)
    return inner | {"text": inner.get("text")} | found


def _sent(raw: Json) -> dict[str, Any]:
    """When a message was sent, as its start."""
    sent = next((value for key, value in raw.items() if _folded(key) in _SENT), None)
    return {"start": (sent, None)} if isinstance(sent, str) else {}


def _readings(raw: Json) -> Iterator[Json]:
    """The best reading of a stretch, where it is given in several."""
    for key in _FIRST_OF:
        options = raw.get(key)
        if isinstance(options, list) and options and isinstance(options[0], dict):
            yield options[0]


def _times(found: Mapping[str, Any]) -> tuple[Time | None, Time | None]:
    raw, unit = found.get("start", (None, None))
    if isinstance(raw, dict) and "from" in raw:
        return time_of(raw["from"], unit), time_of(raw.get("to"), unit)
    if isinstance(raw, list):
        start, end = (time_of(raw[place], unit) if place < len(raw) else None for place in (0, 1))
        return start, end
    start, end = time_of(raw, unit), time_of(*found.get("end", (None, None)))
    lasting = time_of(*found.get("for", (None, None)))
    if end is None and start is not None and lasting is not None:
        end = Time(start.value + lasting.value, start.sure and lasting.sure)
    return start, end


def _dicts(value: object) -> Iterator[Json]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def _words(raw: Json) -> object:
    """The words inside an item, or inside the best of its readings."""
    for each in (raw, *_readings(raw)):
        words = each.get("words") or each.get("Words")
        if words:
            return words
    return None


def speaker_of(value: object) -> str | None:
    """A name from a text, a number, an object with a name, or a list of one; None for anything else."""
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    if isinstance(value, dict):
        named = (value.get(key) for key in _NAMES)
        value = next((each for each in named if each not in (None, "")), None)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1_000_000:  # noqa: PLR2004 -- no id
        return f"Speaker {value}"
    return _name(value) if isinstance(value, str) else None


@lru_cache(maxsize=1024)
def _name(value: str) -> str | None:
    # Google Meet names a participant by a path.
    name = one_line(value.rpartition("/")[2] if value.startswith("conferenceRecords/") else value, limit=80)
    return f"Speaker {name}" if name.isascii() and name.isdecimal() else name or None


def is_item(raw: object, depth: int = _WRAPPED) -> bool:
    """Whether an object looks like timed words."""
    if not isinstance(raw, dict):
        return False
    found = _fields(raw, depth=depth)
    return isinstance(found.get("text"), str) and (_times(found)[0] is not None or raw.get("type") == "punctuation")


def turn_of(raw: Json) -> tuple[float, float, str] | None:
    """Start, end and speaker of an object without words, in its own unit; None for any other object."""
    found = _fields(raw)
    (start, end), who = _times(found), speaker_of(found.get("who"))
    return None if "text" in found or start is None or end is None or not who else (start.value, end.value, who)


def is_known_name(key: str) -> bool:
    """Whether a key means a text, a time or a speaker."""
    return _role(key)[0] is not None


def column_role(cell: str) -> tuple[str | None, float | None]:
    """What a heading or a compound name stands for ("text", "start", "end", "for", "who"), and milliseconds in the
    unit that it names; None where it says none of them, or two.
    """
    if len(cell) > _LONGEST_HEADING:
        return None, None
    plain = _bare(cell)
    name = "".join(filter(str.isalpha, plain))
    roles = _column_roles()
    if name in roles:
        return roles[name], None
    bare = _UNIT.sub("", name)
    if bare in roles:
        return roles[bare], _PER_UNIT.get(name[len(bare) :])
    words = re.findall(r"[^\W\d_]+", plain)
    unit = _PER_UNIT.get(words.pop()) if len(words) > 1 and words[-1] in _PER_UNIT else None
    told = {roles.get(word) for word in words if word not in _BESIDE and (unit is None or word != "in")}
    return (told.pop(), unit) if len(told) == 1 else (None, None)


@cache
def _column_roles() -> dict[str, str]:
    return {_bare(name): role for role, names in _HEADINGS.items() for name in names.split()}


def _bare(text: str) -> str:
    """The text in small letters without accents and vowel signs."""
    plain = (each for each in unicodedata.normalize("NFD", text.casefold()) if unicodedata.category(each)[0] != "M")
    return unicodedata.normalize("NFC", "".join(plain))


def time_of(value: object, unit: float | None = None) -> Time | None:
    """A number, "1.2s", "PT1.2S", a clock time, a date with one, or seconds and nanos; None for all else."""
    if isinstance(value, dict):
        if "relative" in value:  # Recall.ai gives a date, too
            return time_of(value["relative"], 1000.0)
        seconds, nanos = _number(value.get("seconds", 0)), _number(value.get("nanos", 0))
        known = seconds is not None and nanos is not None and not value.keys().isdisjoint({"seconds", "nanos"})
        return Time((seconds or 0) * 1000 + (nanos or 0) / 1e6, sure=True) if known else None
    number = _number(value)
    if number is not None:
        return Time(number * (unit or 1000.0), sure=unit is not None)
    if not isinstance(value, str):
        return None
    exact = _written(value.strip()[:40])
    if exact is not None:
        return Time(exact, sure=True)
    found = moment(value[:48])
    return None if found is None else Time(found.ms, sure=True, clock=found if found.of_day else None)


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value[:40])
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LARGEST:
        return None
    return float(value)


def _written(text: str) -> float | None:
    """Milliseconds of a time that names its unit."""
    if found := _WITH_UNIT.match(text):
        return float(found[1]) * (1.0 if found[2] == "ms" else 1000.0)
    if (found := _ISO.match(text)) and any(found.groups()):
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return ((hours * 60 + minutes) * 60 + seconds) * 1000
    return clock(text)

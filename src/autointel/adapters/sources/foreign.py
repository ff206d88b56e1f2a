"""Files that are no text at all, told apart by their first bytes, so that the message can say what they are."""

from __future__ import annotations

from typing import Final

from autointel.errors import NoTranscript

_RECORDINGS: Final = (
    b"OggS",
    b"fLaC",
    b"FLV\x01",
    b"\x1aE\xdf\xa3",
    b"\x00\x00\x01\xba",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"\xff\xf1",
    b"\xff\xf9",
    b"#!AMR",
    b"0&\xb2u\x8ef\xcf\x11",
    b"caff\x00",
    b"MThd\x00",
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
    (b"SQLite format 3\x00", "a database"),
)


def refuse_foreign(data: bytes, shown: str) -> None:
    """Raise NoTranscript if ``data`` begins like a recording, a document or a picture."""
    if is_recording(data):
        raise NoTranscript(
            f"{shown} is a recording, where a transcript was expected.",
            "Pass its transcript, or the recording as a file.",
        )
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

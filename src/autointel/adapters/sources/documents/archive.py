"""The parts of a zipped document, read within limits: an archive can claim any size and inflate to any."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.markup import xml_root
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element

MAGIC: Final = b"PK\x03\x04"
# What zipfile raises for archives that break off, lie about themselves or use what it does not know.
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError, RuntimeError)
_MOST_PARTS: Final = 20_000
_LARGEST_PART: Final = 64 * 1024 * 1024
_LARGEST: Final = 256 * 1024 * 1024
# A book of 400,000 words in the most broken-up markup has as many. Zipped, they are a few kB.
MOST_TAGS: Final = 1_000_000


class ManyTags(Exception):
    """The parts read so far have more tags than the reader wanted to read in this process."""


class Archive:
    """A zip file in memory. ``shown`` names it in errors. Raises NoTranscript where it is broken or too large, and
    ManyTags from a part that brings the tags over ``few``.
    """

    def __init__(self, data: bytes, shown: str, few: int = MOST_TAGS) -> None:
        self.shown = shown
        self._few = few
        self._read = self._tags = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self.names = frozenset(self._zip.namelist())
        except _BROKEN as error:
            raise self.broken() from error
        # Books are made on systems to which "C1.xhtml" and "c1.xhtml" are one file.
        self._folded = {name.casefold(): name for name in self.names}
        if len(self.names) > _MOST_PARTS:
            raise self._bomb()

    def name_of(self, name: str) -> str:
        """What the archive calls a part; "" where there is none."""
        return name if name in self.names else self._folded.get(name.casefold(), "")

    def part(self, name: str) -> bytes:
        """The bytes of a part, capitals or not; empty where there is none."""
        name = self.name_of(name)
        if not name:
            return b""
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & 0x1:
                raise NoTranscript(f"{self.shown} is encrypted.", "Save a copy without a password.")
            with self._zip.open(info) as opened:
                data = opened.read(_LARGEST_PART + 1)
        except _BROKEN as error:
            raise self.broken() from error
        self._read += len(data)
        self._tags += data.count(b"<")
        if len(data) > _LARGEST_PART or self._read > _LARGEST or self._tags > MOST_TAGS:
            raise self._bomb()
        if self._tags > self._few:
            raise ManyTags
        return data

    def xml(self, name: str) -> _Element | None:
        """The root of an XML part; None where it is missing or none. Entities are not resolved."""
        data = self.part(name)
        return xml_root(data) if data.strip() else None

    def broken(self) -> NoTranscript:
        """The error for an archive that breaks off or lacks a part."""
        return NoTranscript(f"{self.shown} is a broken document and cannot be read.", "Check that it is complete.")

    def _bomb(self) -> NoTranscript:
        return NoTranscript(
            f"{self.shown} is far larger unpacked than a document is.", "Export its text, and pass that."
        )

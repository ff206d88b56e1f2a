"""A folder of the user's own as a source of evidence: text, Markdown and HTML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import anyio
from anyio.to_thread import run_sync
from typing_extensions import override

from autointel.adapters.evidence.finder import Finder, Hit, Probe
from autointel.adapters.evidence.paged import best_spans, read_page
from autointel.errors import EvidenceUnavailable
from autointel.extensions import Setting
from autointel.ports import Fetched, Fetcher

_KINDS: Final = {".txt": "text/plain", ".md": "text/plain", ".html": "text/html", ".htm": "text/html"}
_LARGEST: Final = 5_000_000  # bytes
_MOST: Final = 2_000  # files


class FolderFinder(Finder):
    """Reads every file once, at the first search. What a link inside the folder leads out to is left alone."""

    name = "folder"
    offline = True
    settings: ClassVar[Mapping[str, Setting]] = {"folder": Setting(takes="folder")}

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Hit] | None = None
        self._turn = anyio.Lock()

    @classmethod
    @override
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:
        return cls(values["folder"])

    @classmethod
    @override
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        folder = values["folder"]
        fault = "" if folder.is_dir() else "missing"
        return Probe(str(folder), fault=fault, hint="set AUTOINTEL_EVIDENCE__FOLDER to a folder of texts")

    async def find(self, query: str, limit: int) -> list[Hit]:
        """The files with the sentences that bear most on the query. Raises EvidenceUnavailable without a folder."""
        async with self._turn:
            if self._files is None:
                self._files = await run_sync(_read_all, self._folder)
        return await run_sync(_best, self._files, query, limit)


def _best(files: Sequence[Hit], query: str, limit: int) -> list[Hit]:
    spans = best_spans([file.text or "" for file in files], query, limit, per_page=1)
    return [files[span.page] for span in spans]


def _read_all(folder: Path) -> list[Hit]:
    if not folder.is_dir():
        raise EvidenceUnavailable(f"{folder} is not a folder.", "Check AUTOINTEL_EVIDENCE__FOLDER.")
    return [hit for path in _paths(folder.resolve()) for hit in _hit(path)]


def _paths(folder: Path) -> list[Path]:
    inside = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _KINDS)
    return [path for path in inside if path.resolve().is_relative_to(folder)][:_MOST]


def _hit(path: Path) -> Iterator[Hit]:
    try:
        body = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError:
        return  # gone or not readable for us; the others are
    kind = _KINDS[path.suffix.lower()]
    read = read_page(Fetched(url=path.as_uri(), status=200, content_type=kind, body=body))
    if read is not None and read.text.strip():
        yield Hit(url=path.as_uri(), title=read.title or path.stem, published_at=read.published_at, text=read.text)

"""Conversations with memory, on disk: one private file each, one line a turn, in a folder for each namespace."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from autointel.adapters.home import (
    Home,
    make_private,
    read_whole,
    remove_unfinished,
    translate_errors,
    write_whole,
)
from autointel.domain.citation import Citation
from autointel.domain.value import Value
from autointel.errors import UsageError

_ID: Final = re.compile(r"[0-9TZ]{16}-[0-9a-f]{6}")
_PRIVATE: Final = 0o700
_PRIVATE_FILE: Final = 0o600


class Quoted(Value):
    """A quote that an answer rested on, with the title of its source."""

    source_id: str
    title: str
    citation: Citation


class Turn(Value):
    """A question, as the privacy gate let it pass, and its answer; None where no model answered."""

    question: str
    answer: str | None = None
    held: bool = False
    quotes: tuple[Quoted, ...] = ()


class Conversation(Value):
    """A conversation. ``source_id`` is the source it is about; None is all of the namespace."""

    id: str = Field(pattern=rf"^{_ID.pattern}$")
    begun_at: datetime
    source_id: str | None = None
    turns: tuple[Turn, ...] = ()


class _Head(Value):
    """The first line of a file."""

    source_id: str | None = None


class Conversations:
    """The conversations of one namespace. Blocks. Raises HomeUnusable."""

    def __init__(self, home: Path, namespace: str) -> None:
        self._home = home
        self._folder = home / "chats" / namespace

    def new(self, source_id: str | None) -> Conversation:
        """A conversation without turns; no file is made before the first one."""
        begun = datetime.now(UTC).replace(microsecond=0)
        return Conversation(id=f"{begun:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", begun_at=begun, source_id=source_id)

    def add(self, conversation: Conversation, turn: Turn) -> Conversation:
        """The conversation with one more turn, durable when it returns."""
        path = self._path(conversation.id)
        lines = [] if path.exists() else [_Head(source_id=conversation.source_id).model_dump_json()]
        lines.append(turn.model_dump_json())
        with translate_errors(self._home):
            self._prepare()
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, _PRIVATE_FILE)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                # A turn that a full disk cut must not take the next one with it.
                size = os.fstat(handle).st_size
                if size and os.pread(handle, 1, size - 1) != b"\n":
                    lines.insert(0, "")
                file.write("".join(f"{line}\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
        return conversation.model_copy(update={"turns": (*conversation.turns, turn)})

    def restore(self, conversation: Conversation) -> bool:
        """Save a conversation that was exported; False where one of that id with as many turns is here already."""
        path = self._path(conversation.id)
        with translate_errors(self._home):
            here = _read(path) if path.exists() else None
            if here is not None and len(here.turns) >= len(conversation.turns):
                return False
            self._prepare()
        write_whole(path, _written(conversation.source_id, conversation.turns))
        return True

    def _prepare(self) -> None:
        Home(self._home).secure()
        for folder in (self._folder.parent, self._folder):
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            make_private(folder)

    def all(self) -> list[Conversation]:
        """Every conversation, the latest first; a file that is no conversation is left out."""
        with translate_errors(self._home):
            Home(self._home).secure()
            paths = sorted(self._folder.glob("*.jsonl"), reverse=True) if self._folder.is_dir() else []
            read = (_read(path) for path in paths if _ID.fullmatch(path.stem))
            return [conversation for conversation in read if conversation]

    def find(self, named: str | None) -> Conversation:
        """The conversation of this id or the only one whose id begins so; the latest for None. Raises UsageError."""
        found = [each for each in self.all() if named is None or each.id.startswith(named)]
        if not found or (named is not None and len(found) > 1):
            what = "no conversation" if named is None else f"no conversation {named}, or more than one begins so"
            raise UsageError(f"There is {what}.", "autointel chat --list lists them.")
        return found[0]

    def forget(self, named: str) -> Conversation:
        """Remove one. Raises UsageError where there is none of that id."""
        found = self.find(named)
        self._remove_unfinished()
        with translate_errors(self._home):
            self._path(found.id).unlink(missing_ok=True)
        return found

    def forget_all(self) -> int:
        """Remove all of the namespace; how many."""
        found = self.all()
        with translate_errors(self._home):
            for path in self._folder.glob("*") if self._folder.is_dir() else ():
                path.unlink()
            with suppress(FileNotFoundError):
                self._folder.rmdir()
        return len(found)

    def forget_before(self, day: date) -> int:
        """Remove those without a turn since ``day`` (UTC); how many."""
        gone = 0
        self._remove_unfinished()
        for conversation in self.all():
            path = self._path(conversation.id)
            with translate_errors(self._home):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC).date() < day:
                    path.unlink()
                    gone += 1
        return gone

    def forget_quoting(self, source_id: str, quotes: Callable[[str, Collection[str]], bool]) -> int:
        """Remove conversations about a source, and turns that rest on it or quote it.

        ``quotes`` says whether a text does that was made of the sources of these ids.

        Returns the number of conversations that lost something.
        """
        touched = 0
        self._remove_unfinished()
        for conversation in self.all():
            left = [turn for turn in conversation.turns if not _rests_on(turn, source_id, quotes)]
            if conversation.source_id != source_id and len(left) == len(conversation.turns):
                continue
            touched += 1
            if conversation.source_id == source_id or not left:
                with translate_errors(self._home):
                    self._path(conversation.id).unlink(missing_ok=True)
            else:
                write_whole(self._path(conversation.id), _written(conversation.source_id, left))
        return touched

    def _remove_unfinished(self) -> None:
        """What a process that was killed had begun to write may say anything."""
        with translate_errors(self._home):
            remove_unfinished(self._folder)

    def _path(self, conversation_id: str) -> Path:
        return self._folder / f"{conversation_id}.jsonl"


def _rests_on(turn: Turn, source_id: str, quotes: Callable[[str, Collection[str]], bool]) -> bool:
    sources = {each.source_id for each in turn.quotes if each.source_id}
    return source_id in sources or quotes(turn.model_dump_json(), sources)


def _written(source_id: str | None, turns: Sequence[Turn]) -> bytes:
    lines = [_Head(source_id=source_id), *turns]
    return "".join(f"{line.model_dump_json()}\n" for line in lines).encode()


def _read(path: Path) -> Conversation | None:
    head, *lines = read_whole(path).decode("utf-8", errors="replace").splitlines() or [""]
    begun = datetime.strptime(path.stem.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    try:
        source_id = _Head.model_validate_json(head).source_id
    except ValidationError:
        return None
    return Conversation(id=path.stem, begun_at=begun, source_id=source_id, turns=tuple(_turns(lines)))


def _turns(lines: Sequence[str]) -> Iterator[Turn]:
    """The turns; a line that a crash left half-written is left out."""
    for line in lines:
        with suppress(ValidationError):
            yield Turn.model_validate_json(line)

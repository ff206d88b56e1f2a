"""The one folder that holds everything autointel keeps, and where in it things stand."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from autointel.domain.value import content_id
from autointel.errors import HomeUnusable, exhaustion

REPORT: Final = "report.json"
RESULTS: Final = "results.json"
FAILURE: Final = "failure"  # why a run ended early, in a sentence
WORDS: Final = "words.json"  # a newer version of a source, until its run has ended and it takes the older one's place
_FOLDERS: Final = ("runs", "memory", "graph", "crew", "locks", "backups")
_MADE_WHEN_NEEDED: Final = ("media", "chats")
# What was said in a private meeting is nobody else's business on a shared machine.
_PRIVATE: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_KEY_BYTES: Final = 32
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_UNFINISHED: Final = re.compile(r"\.[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.[a-z0-9_]{8}")  # by ``replace_file``


class Home:
    """Paths inside the home. Nothing is touched until ``prepare``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalogue = folder / "catalogue.sqlite3"
        self.runs = folder / "runs"
        self.memory = folder / "memory"
        self.graph = folder / "graph"
        self.crew = folder / "crew"
        self.locks = folder / "locks"
        self.backups = folder / "backups"
        self.media = folder / "media"
        self._key = folder / "privacy.key"

    def prepare(self) -> None:
        """Make the folders, close them to other users, and see that they can be written. Raises HomeUnusable.

        The folders inside are never links, and whatever an earlier version left open is closed: the home's own mode
        keeps others away from all that stands in it.
        """
        with translate_errors(self.folder):
            self.folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            self.secure()
            for name in _FOLDERS:
                (self.folder / name).mkdir(mode=_PRIVATE, exist_ok=True)
            # Access bits do not tell of a read-only or a full disk; writing does.
            with tempfile.TemporaryFile(dir=self.locks) as probe:
                probe.write(b"autointel")
                probe.flush()

    def secure(self) -> None:
        """Close what is there of a home to other users, and make nothing. What looks something up asks this first.

        Raises HomeUnusable where another user owns it, or a link stands where a folder or the catalogue should.
        """
        with translate_errors(self.folder):
            if not self.folder.exists():
                return
            make_private(self.folder)
            for name in (*_FOLDERS, *_MADE_WHEN_NEEDED):
                folder = self.folder / name
                if folder.is_symlink():
                    raise HomeUnusable(f"{folder} is a link, and a home's folders are not.", hint="Remove the link.")
                if folder.exists():
                    make_private(folder)
                    _refuse_links(folder)
            # CrewAI writes a key of its own there, in folders of its own.
            for place, *_ in os.walk(self.crew):
                _refuse_links(Path(place))
            for path in (self.catalogue, *self.folder.glob("catalogue.sqlite3-*")):
                if path.is_symlink():
                    raise HomeUnusable(f"{path} is a link, and a catalogue is not.", hint="Remove the link.")
                with contextlib.suppress(FileNotFoundError):
                    _close_to_others(path, _PRIVATE_FILE)

    def check_could_be_made(self) -> None:
        """Raise HomeUnusable where there is no home and none can be made: a mistyped place is no empty one.

        A folder beside it is made and removed: neither access bits nor being root tell of a disk that takes none.
        """
        with translate_errors(self.folder):
            if not self.folder.exists():
                nearest = next(parent for parent in self.folder.absolute().parents if parent.exists())
                Path(tempfile.mkdtemp(prefix=".autointel.", dir=nearest)).rmdir()

    def check_catalogue(self) -> None:
        """Raise HomeUnusable where runs are kept and the catalogue is not, which alone says what was read by them."""
        with translate_errors(self.folder):
            if self.catalogue.exists() or not self.runs.exists() or not any(self.runs.iterdir()):
                return
        raise HomeUnusable(
            f"{self.catalogue} is gone, and with it what the runs beside it have read.",
            hint=f"Put it back from a copy. The next run begins a new one; to forget the rest, delete {self.folder}.",
        )

    def run_folder(self, run_id: str) -> Path:
        """Where the artifacts of a run stand, whether or not it exists yet."""
        return self.runs / safe_name(run_id)

    def alive(self, run_id: str) -> Path:
        """The mark that the process doing this run holds; see ``alive`` in locking.py."""
        return self.locks / f"run-{safe_name(run_id)}.alive"

    @property
    def storing(self) -> Path:
        """The lock held while something is stored in memory or graph, and held alone while something is forgotten."""
        return self.locks / "storing.lock"

    def write_artifact(self, run_id: str, name: str, content: bytes) -> Path:
        """Write an artifact, or replace the one of that name, and return its path. Raises HomeUnusable.

        A crash leaves the old content or the new content, never a part.
        """
        folder = self.run_folder(run_id)
        path = folder / safe_name(name)
        with translate_errors(self.folder):
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        write_whole(path, content)
        return path

    def read_artifact(self, run_id: str, name: str) -> bytes | None:
        """The artifact, or None if the run has none of that name. Raises HomeUnusable."""
        with translate_errors(self.folder):
            try:
                return read_whole(self.run_folder(run_id) / safe_name(name))
            except FileNotFoundError:
                return None

    def privacy_key(self) -> bytes:
        """The secret that placeholders are made with: 32 bytes, made at the first call.

        Two processes that make one at once agree on the first. Raises HomeUnusable, also for a link and for a file of
        another length: an empty key would let anybody try values out.
        """
        with translate_errors(self.folder):
            if not os.path.lexists(self._key):
                self._make_privacy_key()
            if self._key.is_symlink():
                raise HomeUnusable(f"{self._key} is a link, and a home holds none.", hint="Put the key itself there.")
            key = read_whole(self._key)
        if len(key) != _KEY_BYTES:
            raise HomeUnusable(
                f"{self._key} holds {len(key)} bytes, and a key has {_KEY_BYTES}.",
                hint="Restore it from a backup, or remove it: the next run makes a new key, and other placeholders.",
            )
        return key

    def _make_privacy_key(self) -> None:
        """Under a lock, since a hard link, which only one process could make, is refused by some disks."""
        from filelock import FileLock

        self.locks.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        with FileLock(self.locks / "privacy.key.lock"):
            if not os.path.lexists(self._key):
                replace_file(self._key, os.urandom(_KEY_BYTES))

    def artifacts(self, run_id: str) -> list[Path]:
        """The files of a run; none that something else has put there. Raises HomeUnusable."""
        with translate_errors(self.folder):
            found = self.run_folder(run_id).glob("*")
            return sorted(path for path in found if _NAME.fullmatch(path.name) and path.is_file())

    def remove_unfinished(self, run_id: str) -> None:
        """Remove what a run that was killed began to write. Raises HomeUnusable."""
        with translate_errors(self.folder):
            remove_unfinished(self.run_folder(run_id))

    def remove_run(self, run_id: str) -> None:
        """Remove a run's artifacts; a run without any is fine. Raises HomeUnusable."""
        with translate_errors(self.folder), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.run_folder(run_id))

    def remove_media(self, run_id: str, *addresses: str) -> None:
        """Remove the recordings that a run kept, and those that earlier versions named after one of ``addresses``.

        A recording that is gone already is fine. Raises HomeUnusable.
        """
        with translate_errors(self.folder):
            for address in addresses:
                for path in self.media.glob(f"{content_id('recording', address)}*"):
                    path.unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self.media / safe_name(run_id))

    def remove_backups(self) -> None:
        """Remove the copies that were made before upgrades. Raises HomeUnusable."""
        with translate_errors(self.folder):
            for copy in self.backups.glob("catalogue-*"):
                copy.unlink(missing_ok=True)


def _refuse_links(folder: Path) -> None:
    """Raise HomeUnusable where a link stands in the folder, not in those below: its target would be written."""
    with os.scandir(folder) as found:
        link = next((entry for entry in found if entry.is_symlink()), None)
    if link is not None:
        raise HomeUnusable(f"{link.path} is a link, and a home holds none.", hint="Remove the link.")


def make_private(folder: Path) -> None:
    """Close a folder that exists to other users. Raises HomeUnusable where another user owns it, OSError."""
    status = folder.stat()
    if status.st_uid != os.geteuid():
        raise HomeUnusable(
            f"{folder} belongs to another user.", hint="Set AUTOINTEL_HOME to a folder of your own, or take it over."
        )
    _close_to_others(folder, _PRIVATE)


def _close_to_others(path: Path, mode: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        try:
            path.chmod(mode)
        except OSError as error:
            # Whoever cannot write a disk cannot close it either, and may still read what is on it.
            if error.errno != errno.EROFS:
                raise


def read_whole(path: Path) -> bytes:
    """All bytes of a file. Raises OSError, also where a link stands there: its target belongs to somebody else."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file of the home as ``replace_file`` does. Raises HomeUnusable."""
    with translate_errors(path.parent):
        replace_file(path, content)


def replace_file(path: Path, content: bytes) -> None:
    """Write by a temporary name beside it, for the owner alone, flush to the disk, rename. Raises OSError.

    The unfinished file is locked, so that it shows whether its writer lives.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            with contextlib.suppress(OSError):  # some network disks have no locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    _flush_folder(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Remove the files that writers who were killed had begun in a folder. Raises OSError."""
    for path in folder.glob(".*"):
        if _UNFINISHED.fullmatch(path.name) and not path.is_symlink() and not _is_being_written(path):
            path.unlink(missing_ok=True)


def _is_being_written(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it is gone, or its disk has no locks
        pass
    return False


def _flush_folder(folder: Path) -> None:
    """A rename is on the disk once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        # Some network disks cannot flush a folder; the file itself is safe by then.
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def safe_name(name: str) -> str:
    """The name itself. Raises ValueError where it could lead out of its folder."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name for a file in the home: {name!r}")
    return name


@contextlib.contextmanager
def translate_errors(folder: Path) -> Iterator[None]:
    """Raise HomeUnusable, with its two sentences, for an error of the operating system."""
    try:
        yield
    except OSError as error:
        raise home_unusable(folder, error) from error


def home_unusable(folder: Path, error: OSError) -> HomeUnusable:
    """What happened to ``folder``, and what to do about it."""
    elsewhere = "or set AUTOINTEL_HOME to another folder."
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return HomeUnusable(f"The disk that holds {folder} is full.", hint=f"Free some space, {elsewhere}")
    if error.errno == errno.EROFS:
        return HomeUnusable(
            f"{folder} is on a read-only disk.", hint="Set AUTOINTEL_HOME to a folder that can be written."
        )
    if error.errno in {errno.EFBIG, errno.EMFILE, errno.ENFILE} and (limit := exhaustion(error)):
        return HomeUnusable(*limit)
    if isinstance(error, FileExistsError | NotADirectoryError):
        return HomeUnusable(
            f"{error.filename or folder} is a file where a folder should be.", hint=f"Move it away, {elsewhere}"
        )
    if isinstance(error, PermissionError):
        return HomeUnusable(f"{folder} cannot be written: permission denied.", hint=f"Make it writable, {elsewhere}")
    return HomeUnusable(f"{folder} cannot be used: {error.strerror or error}.", hint=f"Mend that, {elsewhere}")

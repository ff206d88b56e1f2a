from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PosixPath
from typing import Any

import pytest
from typing_extensions import override

from autointel.adapters.home import Home, home_unusable
from autointel.domain.value import content_id
from autointel.errors import HomeUnusable


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def test_nothing_is_touched_until_it_is_prepared(tmp_path: Path) -> None:
    Home(tmp_path / "home")

    assert list(tmp_path.iterdir()) == []


def test_everything_stands_inside_one_folder_that_only_its_owner_may_read(home: Home) -> None:
    home.prepare()

    for folder in (home.folder, home.runs, home.memory, home.graph, home.crew, home.locks, home.backups):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.is_relative_to(home.folder)
    assert list(home.locks.iterdir()) == []


def test_a_home_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    (folder / "memory").mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "memory").chmod(0o777)
    catalogue = folder / "catalogue.sqlite3"
    catalogue.touch(0o644)

    Home(folder).prepare()

    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "memory", catalogue)] == [
        0o700,
        0o700,
        0o600,
    ]


@pytest.mark.parametrize(
    "name",
    [
        "memory",
        "runs",
        "catalogue.sqlite3",
        "runs/1",
        "graph/default.lbug",
        "crew/credentials",
        "crew/a/b",
        "media",
        "chats",
    ],
)
def test_nothing_in_a_home_is_followed_through_a_link(tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    folder = tmp_path / "home"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).symlink_to(elsewhere)

    with pytest.raises(HomeUnusable, match="is a link"):
        Home(folder).prepare()

    assert list(elsewhere.iterdir()) == []
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_home_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    os.chown(folder, 4242, 4242)

    with pytest.raises(HomeUnusable, match="belongs to another user"):
        Home(folder).prepare()


def test_a_file_in_its_place_is_a_sentence_and_a_hint(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")

    with pytest.raises(HomeUnusable, match="is a file where a folder should be") as raised:
        Home(tmp_path / "home").prepare()

    assert "AUTOINTEL_HOME" in raised.value.hint


def test_a_file_in_the_way_of_its_parent_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")

    with pytest.raises(HomeUnusable, match="is a file where a folder should be"):
        Home(tmp_path / "in the way" / "home").prepare()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EDQUOT, "is full"),
        (errno.EROFS, "read-only disk"),
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "permission denied"),
        (errno.EIO, "cannot be used"),
    ],
)
def test_each_refusal_of_the_disk_has_its_sentence(tmp_path: Path, number: int, sentence: str) -> None:
    error = home_unusable(tmp_path, OSError(number, os.strerror(number), str(tmp_path)))

    assert sentence in error.message
    assert str(tmp_path) in error.message
    assert "AUTOINTEL_HOME" in error.hint


def test_an_artifact_comes_back_and_the_latest_counts(home: Home) -> None:
    home.write_artifact("run", "report.json", b"{}")
    path = home.write_artifact("run", "report.json", b'{"a": 1}')

    assert home.read_artifact("run", "report.json") == b'{"a": 1}'
    assert [each.name for each in path.parent.iterdir()] == ["report.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_killed_writer_began_is_removed_and_nothing_else(home: Home) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from autointel.adapters.home import Home
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Home(Path(sys.argv[1])).write_artifact("run", "report.json", b"{}")
"""
    folder = home.write_artifact("run", "report.json", b"old").parent
    killed = subprocess.run([sys.executable, "-c", program, home.folder], check=False)  # noqa: S603  our own program
    with (folder / ".report.json.abcdefg_").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        (folder / ".DS_Store").touch()
        before = len(list(folder.iterdir()))
        home.remove_unfinished("run")
        left = {path.name for path in folder.iterdir()}

    assert (killed.returncode, before) == (-signal.SIGKILL, 4)
    assert left == {"report.json", ".report.json.abcdefg_", ".DS_Store"}
    assert [path.name for path in home.artifacts("run")] == ["report.json"]


def test_an_artifact_that_was_not_written_is_none(home: Home) -> None:
    assert home.read_artifact("run", "report.json") is None


def test_an_artifact_is_not_read_through_a_link(home: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("{}")
    home.run_folder("run").mkdir(parents=True)
    (home.run_folder("run") / "report.json").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(HomeUnusable):
        home.read_artifact("run", "report.json")


def test_an_artifact_that_cannot_be_put_in_place_leaves_nothing_half_written(home: Home) -> None:
    (home.run_folder("run") / "report.json").mkdir(parents=True)

    with pytest.raises(HomeUnusable):
        home.write_artifact("run", "report.json", b"{}")

    assert [each.name for each in home.run_folder("run").iterdir()] == ["report.json"]


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "x" * 200, "a\x00b"])
def test_a_name_that_would_leave_the_folder_is_a_bug_of_ours(home: Home, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        home.write_artifact("run", name, b"")
    with pytest.raises(ValueError, match="not a name"):
        home.run_folder(name)


def test_a_disk_that_takes_no_more_leaves_the_old_artifact(home: Home) -> None:
    home.write_artifact("run", "report.json", b"old")
    # The limit on a file's size ends in the same way as a full disk: a write that fails half-way.
    program = """
import resource, signal, sys
from pathlib import Path
from autointel.adapters.home import Home
from autointel.errors import HomeUnusable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    Home(Path(sys.argv[1])).write_artifact("run", "report.json", b"x" * 5000)
except HomeUnusable as error:
    sys.exit(error.exit_code)
"""
    done = subprocess.run([sys.executable, "-c", program, str(home.folder)], check=False)  # noqa: S603

    assert done.returncode == 6
    assert home.read_artifact("run", "report.json") == b"old"
    assert [each.name for each in home.run_folder("run").iterdir()] == ["report.json"]


def test_the_privacy_key_is_made_once_and_read_by_its_owner_only(home: Home) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: Home(home.folder).privacy_key(), range(8)))

    assert [len(key) for key in keys] == [32]
    assert stat.S_IMODE((home.folder / "privacy.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"x" * 31])
def test_a_privacy_key_of_another_length_is_refused(home: Home, content: bytes) -> None:
    (home.folder / "privacy.key").write_bytes(content)

    with pytest.raises(HomeUnusable, match=f"holds {len(content)} bytes"):
        home.privacy_key()


def test_a_privacy_key_that_is_a_link_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"x" * 32)
    (home.folder / "privacy.key").symlink_to(tmp_path / "theirs")

    with pytest.raises(HomeUnusable, match="is a link"):
        home.privacy_key()


class _Folder(PosixPath):
    """Lists a recording that another process has removed before its turn."""

    @override
    def glob(self, pattern: str, **options: Any) -> Generator[_Folder, None, None]:
        yield self / "removed.m4a"
        yield from super().glob(pattern, **options)


def test_the_recordings_of_a_run_go_also_where_one_has_vanished(home: Home) -> None:
    (home.media / "run").mkdir(parents=True)
    (home.media / "run" / "talk.m4a").write_bytes(b"sound")
    (home.media / f"{content_id('recording', 'https://x.test/talk')}.m4a").write_bytes(b"sound")
    home.media = _Folder(home.media)

    home.remove_media("run", "https://x.test/talk")

    assert list(home.media.iterdir()) == []

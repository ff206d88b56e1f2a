"""A command in a process of its own, with a home of its own, watched from its start to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from autointel.app.children import OURSELVES
from autointel.domain.value import Value

_SURROUNDINGS: Final = os.environ  # noqa: TID251  a child gets them, less what would decide its run
_OURS: Final = ("AUTOINTEL_", "ENABLE_PARALLEL_", "PARALLEL_ROLLOUT_", "OPENAI_")
# With it every start compiles every module anew, 0.3 s of CPU time that no user's second start takes.
_COMPILES_ANEW: Final = "PYTHONDONTWRITEBYTECODE"
_TOLD: Final = 2_000  # characters of a failed command's last words


class Ended(Value):
    """How a process ended. ``seconds`` from before its start to after its exit: what the shell's ``time`` says.

    ``cpu_seconds`` are user and system time; ``peak_bytes`` the most memory it held. ``said`` is what it last wrote to
    standard error.
    """

    exit_code: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str
    said: str
    timed_out: bool = False


@contextmanager
def fresh_home() -> Iterator[Path]:
    """An empty folder for everything a command keeps, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="autointel-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def environment(home: Path, settings: Mapping[str, str], *, live: bool = False) -> dict[str, str]:
    """The surroundings with ``settings`` set and everything kept below ``home``.

    Nothing that is set for autointel stays, unless ``live``: then the user's own settings are what is to be measured.
    """
    kept = {
        name: value
        for name, value in _SURROUNDINGS.items()
        if name != _COMPILES_ANEW and not name.upper().startswith(_OURS[1:3] if live else _OURS)
    }
    if not live:
        kept |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    return kept | {"AUTOINTEL_HOME": str(home / "autointel"), **settings}


def autointel_command(*words: str) -> list[str]:
    """The command line as a user's shell would start it, by this interpreter."""
    return [*OURSELVES, *words]


def run_fresh(
    command: Sequence[str], env: Mapping[str, str], home: Path, *, folder: Path | None = None, timeout: float = 900
) -> Ended:
    """Start, wait, and say how it ended; one that outlasts ``timeout`` seconds is killed and says so.

    Output goes to files: a pipe that nobody empties would stop the command. Works in ``folder``, else in ``home``.
    """
    out, err = home / "stdout", home / "stderr"
    late = threading.Event()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        started = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  our own interpreter, every word an argument of its own
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=dict(env), cwd=folder or home
        )
        watch = threading.Timer(timeout, _kill, (process.pid, late))
        watch.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            watch.cancel()
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(
        exit_code=process.returncode,
        seconds=seconds,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_bytes=used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        output=out.read_text(encoding="utf-8", errors="replace"),
        said=err.read_text(encoding="utf-8", errors="replace")[-_TOLD:],
        timed_out=late.is_set(),
    )


def _kill(pid: int, late: threading.Event) -> None:
    late.set()
    os.kill(pid, signal.SIGKILL)

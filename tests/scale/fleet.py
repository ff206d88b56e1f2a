"""Worker processes over one home: started, killed with all they started, and started again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = ROOT / "src" / "autointel" / "samples" / "free-transit.vtt"
_COMMAND: Final = (sys.executable, "-m", "autointel")
_POLL: Final = 0.5
_ENDS: Final = {"done", "partial", "dead", "cancelled"}


def talks(folder: Path, number: int) -> Path:
    """A folder of short talks, each with words of its own."""
    folder.mkdir(parents=True)
    title, *cues = SAMPLE.read_text(encoding="utf-8").split("\n\n")
    for at in range(number):
        part = cues[1 + (5 * at) % 150 : 13 + (5 * at) % 150]
        own = f"99:00:00.000 --> 99:00:05.000\nThis is talk number {at}."
        (folder / f"talk-{at:03}.vtt").write_text("\n\n".join([title, *part, own]) + "\n", encoding="utf-8")
    return folder


@dataclass
class Fleet:
    """Workers of one broker and one catalogue. ``apart``: each has a home of its own, as on machines of their own."""

    home: Path
    settings: dict[str, str]
    apart: bool = False
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *words: str, code: int | None = 0) -> str:
        """Standard output of a command, which must end with that exit code (None: any)."""
        done = subprocess.run(  # noqa: S603  our own interpreter and our own words
            [*_COMMAND, *words], env=self.environment, capture_output=True, text=True, check=False
        )
        assert code is None or done.returncode == code, done.stderr
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the fleet sees."""
        return {**os.environ, **self.settings, "AUTOINTEL_HOME": str(self.home)}

    def hire(
        self, jobs: int = 1, *, before: Sequence[str] = (), settings: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start one more worker, by a command that ``before`` begins, with ``settings`` of its own."""
        return self.start("worker", "--jobs", str(jobs), before=before, settings=settings)

    def start(
        self, *words: str, before: Sequence[str] = (), settings: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a command that works until it is dismissed or done; the rest as ``hire``."""
        log = (self.home.parent / "workers.log").open("a")
        home = self.home.with_name(f"home-{len(self.workers)}") if self.apart else self.home
        worker = subprocess.Popen(  # noqa: S603
            [*before, *_COMMAND, *words],
            env={**self.environment, "AUTOINTEL_HOME": str(home), **(settings or {})},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGKILL: no handler runs, and its children are left to themselves."""
        worker.kill()
        worker.wait()
        self.workers.remove(worker)

    def dismiss(self) -> list[int]:
        """SIGTERM for all; their exit codes."""
        for worker in self.workers:
            worker.terminate()
        codes = [worker.wait(60) for worker in self.workers]
        self.workers.clear()
        return codes

    def ended(self, seconds: float) -> list[int]:
        """The exit codes of all once they have ended by themselves. Fails where one has not after so long."""
        deadline = time.monotonic() + seconds
        codes = [worker.wait(deadline - time.monotonic()) for worker in self.workers]
        self.workers.clear()
        return codes

    def abandon(self) -> None:
        """Leave nothing running, whatever happened."""
        for worker in self.workers:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def start_batch(
        self, *sources: str, engine: str = "local", offline: bool = False, namespace: str = "default"
    ) -> str:
        """The id of a new batch."""
        more = ["--offline"] if offline else []
        self.command("batch", "start", *sources, "--engine", engine, "--namespace", namespace, "-q", *more)
        batches: list[dict[str, Any]] = json.loads(self.command("batch", "--json"))
        return str(batches[0]["batch"])

    def jobs(self, batch: str) -> list[dict[str, Any]]:
        """The sources of a batch as ``batch status`` shows them."""
        found: list[dict[str, Any]] = json.loads(self.command("batch", "status", batch, "--json"))
        return found

    def until_running(self, batch: str) -> None:
        """Return once a source is being briefed."""
        while not any(job["state"] == "running" for job in self.jobs(batch)):
            time.sleep(_POLL)

    def wait(self, batch: str, seconds: float, *, poll: float = _POLL) -> list[dict[str, Any]]:
        """The sources of the batch once all have ended. Fails where they have not after so long."""
        deadline = time.monotonic() + seconds
        while not all(job["state"] in _ENDS for job in self.jobs(batch)):
            assert time.monotonic() < deadline, self.command("batch", "status", batch)
            time.sleep(poll)
        return self.jobs(batch)

    def runs(self) -> list[dict[str, Any]]:
        """Every run as ``runs`` shows it."""
        found: list[dict[str, Any]] = json.loads(self.command("runs", "--limit", "1000", "--json"))
        return found

    def read(self, what: str = "id") -> list[str]:
        """What has been read, one for each source: its id, or its title."""
        found = json.loads(self.command("sources", "--limit", "1000", "--json"))
        return sorted(each["source"][what] for each in found)


def pauses(seed: int, number: int, longest: float) -> list[float]:
    """Random pauses in seconds, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  no secret
    return [chance.uniform(0.2, longest) for _ in range(number)]

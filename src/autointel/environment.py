"""What the environment may not do: run a program from the working folder, or send text to whom no setting names.

Libraries read hundreds of variables. Those that name a tracer, an exporter, a proxy, a plugin folder or another address
for the model are removed; ``--proxy`` and the settings are the ways to name such things.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO, Final

FROM_STDIN: Final = "--arguments-from-stdin"
"""The only argument of a process whose real arguments stand on its standard input, as one JSON list on one line.

Its parent leaves that pipe open. Where the parent is killed, the pipe is closed, and the process ends as by SIGTERM.
"""
FORK_SERVER: Final = "--fork-server"
"""The only argument of a process that loads the libraries of a run and forks children for its parent."""
_GRACE: Final = 15.0
"""Seconds that a process without its parent may take to save what it has; a parent that ends waits 20 for it."""
_DONE: Final = Event()
_PROXIES: Final[set[str]] = set()
_ENVIRONMENT: Final = os.environ  # noqa: TID251  mended here for whoever reads it later
_PATHS: Final = ("PATH", "PYTHONPATH")
_PREFIXES: Final = (
    "LANGSMITH_",
    "LANGCHAIN_",
    "LANGGRAPH_",
    "LANGFUSE_",
    "CREWAI_",
    "OTEL_",
    "TRACELOOP_",
    "OPENINFERENCE_",
    "OPENLIT_",
    "ARIZE_",
    "PHOENIX_",
    "AGENTOPS_",
    "WANDB_",
    "MLFLOW_",
    "DD_",
    "SENTRY_",
    "POSTHOG_",
    "YTDLP_",
    # Another broker than the settings', and modules to load, which Celery looks for in the working folder as well.
    "CELERY",
    "KOMBU_",
    # The path of a library that the embedded graph loads.
    "LBUG_",
    # The key and the address are settings; the rest (organisation, project, headers) would go to any model's server.
    "OPENAI_",
    "AZURE_OPENAI_",
)
_SETTINGS: Final = frozenset({"OPENAI_API_KEY", "OPENAI_BASE_URL"})
_NAMES: Final = frozenset(
    {
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "FTP_PROXY",
        "SSLKEYLOGFILE",
        "NETRC",
        # Other hosts for names without a dot, and a domain for every name, by the resolver of the system's library.
        "HOSTALIASES",
        "LOCALDOMAIN",
        # Another server than the one that the database's address names, which would be sent the password and the texts,
        # and a log of its keys. PGHOST counts only where the address names no host.
        "PGHOSTADDR",
        "PGSERVICE",
        "PGSERVICEFILE",
        "PGSYSCONFDIR",
        "PGOPTIONS",
        "PGSSLKEYLOGFILE",
    }
)
SWITCHES: Final = {
    # Both families of names, old and new: LangChain posts prompts to a tracer where any of them is on.
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "OTEL_SDK_DISABLED": "true",
    "OTEL_TRACES_EXPORTER": "none",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    # crewai reads a .env file above its own folder, which is the project's where the environment stands in it.
    "PYTHON_DOTENV_DISABLED": "1",
    "YTDLP_NO_PLUGINS": "1",
    # Without its own extension the embedded graph looks for a library in the working folder.
    "LBUG_PYTHON_BACKEND": "pybind",
}
"""Set for this process and those it starts, whatever the environment says."""
# Where the kernel does not tell, the clock starts when this module is first imported.
_IMPORTED: Final = time.perf_counter()
_STAT: Final = Path("/proc/self/stat")
_START_FIELD: Final = 19  # starttime (proc(5) no. 22), counted from the field after the name


def scrub_environment() -> None:
    """Remove what leads elsewhere and set the switches.

    Done once for a process: what its own code sets afterwards, such as crewai's switches, stays. Children inherit it.
    """
    if _DONE.is_set():
        return
    _DONE.set()
    # Python renames a compiled module that such a limit cut short into place, and fails at it ever after.
    if resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
        sys.dont_write_bytecode = True
    scrub()


def scrub() -> None:
    """Remove what leads elsewhere and set the switches, also a second time."""
    for name in list(_ENVIRONMENT):
        if name in _SETTINGS:
            continue
        if name.upper() in _NAMES or name.upper().startswith(_PREFIXES):
            if name.upper().endswith("_PROXY"):
                _PROXIES.add(name)
            del _ENVIRONMENT[name]
    _ENVIRONMENT.update(SWITCHES)
    for name in _PATHS:
        if name in _ENVIRONMENT:
            _ENVIRONMENT[name] = absolute_only(_ENVIRONMENT[name])


def own_certificates() -> str | None:
    """The file or folder of certificates that the user trusts beside the usual ones."""
    return _ENVIRONMENT.get("SSL_CERT_FILE") or _ENVIRONMENT.get("SSL_CERT_DIR") or None


def ignored_proxies() -> tuple[str, ...]:
    """The variables with proxies that were removed, for a message about a server that cannot be reached."""
    return tuple(sorted(_PROXIES))


def absolute_only(path: str) -> str:
    """A search path without the entries that mean the working folder or stand below it by a relative name."""
    return os.pathsep.join(part for part in path.split(os.pathsep) if Path(part).is_absolute())


def forget_working_folder(package: Path) -> None:
    """Take the working folder off Python's own path, unless ``package``, the program itself, is loaded from there.

    ``python -m`` and an empty entry of PYTHONPATH put it first, where any of its files would be taken for a library.
    """
    try:
        folder = Path.cwd()
    except OSError:  # it was deleted
        return
    if not package.is_relative_to(folder):
        sys.path[:] = [entry for entry in sys.path if Path(entry).is_absolute() and Path(entry) != folder]


def command_line() -> list[str]:
    """The arguments that this process was given."""
    arguments = sys.argv[1:]
    if arguments != [FROM_STDIN]:
        return arguments
    import json

    pipe = os.fdopen(os.dup(0), "rb")
    # What this process reads and starts finds its standard input empty.
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    given = [str(each) for each in json.loads(pipe.readline())]
    Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    return given


def _end_with_parent(pipe: BinaryIO) -> None:
    """Wait for the end of the pipe, then end this process, which saves its finished steps.

    A library may swallow the interrupt. Nobody interrupts an orphan a second time, so after a while it ends as by
    kill -9.
    """
    pipe.read()
    os.kill(os.getpid(), signal.SIGTERM)
    Event().wait(_GRACE)
    os._exit(128 + signal.SIGTERM)


def process_seconds(stat: Path = _STAT) -> float:
    """Seconds since the process was made, so that the interpreter's own start counts; 10 ms fine on Linux."""
    try:
        # The name of the program stands in brackets and may hold anything, brackets too.
        started = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[_START_FIELD])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return time.perf_counter() - _IMPORTED

"""``python -m autointel`` and the installed command."""

import atexit
import gc
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import NoReturn, cast

import autointel

# First of all imports: where the kernel does not tell when the process began, its clock starts here.
from autointel.environment import FORK_SERVER, command_line, forget_working_folder, scrub_environment


def main() -> None:
    """Carry out the command line and leave with its exit code."""
    # Nothing is begun while modules are loaded: Ctrl-C ends the process there and then, without a traceback.
    forget_working_folder(Path(autointel.__file__))
    scrub_environment()
    # Most of what a command makes stays until its end: looking through it at every 700th value is a tenth of a start.
    gc.set_threshold(50_000, 20, 50)
    # What was said in a private meeting is nobody else's business on a shared machine.
    os.umask(0o077)
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.argv[1:] == [FORK_SERVER]:
        from autointel.app.children import load_libraries, serve_forks

        serve_forks(lambda: load_libraries(["autointel.cli.brief_source", "autointel.cli.run"]))
    # httpx's own command line, which httpx does without: click, pygments and half of rich, 40 ms of every start.
    sys.modules.setdefault("httpx._main", cast("ModuleType", None))
    from autointel.cli.app import carry_out_command

    signal.signal(signal.SIGINT, before)
    code = carry_out_command(command_line())
    # All is said: whoever presses Ctrl-C now, while threads are wound up, wants to be gone, not to read a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End the process with everything that is registered for its end, but without taking its modules apart.

    That frees a thousand modules one by one, which the kernel does at once: 0.1 s after a run, a tenth of a search.
    """
    atexit._run_exitfuncs()  # noqa: SLF001  what sys.exit runs first
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):  # closed, or nobody reads any more: carry_out has said so
                stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()

"""``python -m autointel`` and the installed command."""

import os
import signal
import sys
from pathlib import Path

import autointel

# First of all imports: where the kernel does not tell when the process began, its clock starts here.
from autointel.environment import FORK_SERVER, command_line, forget_working_folder, scrub_environment


def main() -> None:
    """Carry out the command line and leave with its exit code."""
    # Nothing is begun while modules are loaded: Ctrl-C ends the process there and then, without a traceback.
    forget_working_folder(Path(autointel.__file__))
    scrub_environment()
    # What was said in a private meeting is nobody else's business on a shared machine.
    os.umask(0o077)
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.argv[1:] == [FORK_SERVER]:
        from autointel.app.fork_server import load_libraries, serve_forks

        serve_forks(lambda: load_libraries(["autointel.cli.brief_source", "autointel.cli.run"]))
    from autointel.cli.app import carry_out_command

    signal.signal(signal.SIGINT, before)
    code = carry_out_command(command_line())
    # All is said: whoever presses Ctrl-C now, while threads are wound up, wants to be gone, not to read a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


if __name__ == "__main__":
    main()

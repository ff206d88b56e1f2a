"""The program of the child process that serves a GGUF file: ``python -P serve.py``.

Its orders come as one line of JSON on standard input: the key is not for other users' eyes, who see command lines. It
writes ``ready`` to standard output once the model is loaded, and ends when standard input does. It is run by its path
and imports nothing of autointel, which would take a second.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any, Final

READY: Final = "ready"
_PR_SET_PDEATHSIG: Final = 1
_QUIET: Final = 1  # errors only


def main() -> None:
    """Serve until standard input ends."""
    orders = json.loads(sys.stdin.readline())
    _end_with(orders["parent"])
    server = _server(orders)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    sys.stdin.read()
    del server


def _end_with(parent: int) -> None:
    """Be killed with the parent, however it ends: loading a model, this process does not notice its pipe closing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it has ended already
        sys.exit(0)


def _server(orders: dict[str, Any]) -> object:
    # Threads that wait for each other are put to sleep: where another program wants a processor too, threads that spin
    # make a model twenty times slower. OpenMP reads this once, when it is loaded.
    os.environ["OMP_WAIT_POLICY"] = "passive"  # noqa: TID251  of this process alone
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = orders["file"]
    params.model_alias = {orders["name"]}
    params.port = orders["port"]
    params.reuse_port = True  # the parent holds it, so that nobody else takes it
    params.api_keys = [orders["key"]]
    params.cors_origins = ""
    params.ui = False
    params.endpoint_slots = False
    params.offline = True
    params.verbosity = _QUIET
    params.n_parallel = orders["slots"]
    params.n_ctx = orders["context"] * orders["slots"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = orders["threads"]
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()

"""A line to a server on loopback that can be cut, as if the server had died."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class CutLine:
    """Forwards connections to ``port``. After so many bytes from clients all are cut, and new ones are refused."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._left = float("inf")
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.cuts = 0

    def allow(self, count: float) -> None:
        """So many more bytes may pass; infinity mends the line."""
        with self._lock:
            self._left = count

    @contextmanager
    def running(self) -> Iterator[int]:
        """The port to connect to."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=self._accept, args=(server,), daemon=True)
            thread.start()
            try:
                yield server.getsockname()[1]
            finally:
                # Closing alone does not wake a thread that accepts.
                server.shutdown(socket.SHUT_RDWR)
                thread.join()
                self._cut()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            if self._left <= 0:
                client.close()
                continue
            upstream = socket.create_connection(("127.0.0.1", self._port))
            with self._lock:
                self._open |= {client, upstream}
            for source, target, counted in ((client, upstream, True), (upstream, client, False)):
                threading.Thread(target=self._forward, args=(source, target, counted), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, counted: bool) -> None:  # noqa: FBT001
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if counted:
                    with self._lock:
                        self._left -= len(data)
                        over = self._left <= 0
                    if over:
                        break
                target.sendall(data)
        if self._left <= 0:
            self._cut()
        for end in (source, target):
            end.close()

    def _cut(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
            self.cuts += bool(ends)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

"""A machine of its own for workers, as far as its network goes, with a cable to each server that can be pulled.

A network namespace of Linux: what is sent over a pulled cable is lost without a word, which a proxy on loopback cannot
do, since the kernel itself acknowledges what a proxy does not read. Takes the rights of root.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
Made = TypeVar("Made")


def is_possible() -> bool:
    """Whether this user may make networks."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and shutil.which("nsenter") is not None


class Apart:
    """The namespace; ``prefix`` begins a command that runs in it."""

    def __init__(self) -> None:
        # Holds the namespace of the workers; the cables' other ends are in one that only this process has sockets in.
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])  # noqa: S607
        self.prefix = ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net"]
        self._made = 0
        self._sockets: set[socket.socket] = set()
        self._wait_for_holder()
        self._between = self._in_new_network(lambda: os.open("/proc/thread-self/ns/net", os.O_RDONLY))

    @contextmanager
    def here(self) -> Iterator[Apart]:
        """The namespace until the block ends, and all cables."""
        try:
            yield self
        finally:
            for each in list(self._sockets):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            os.close(self._between)
            self._holder.kill()
            self._holder.wait()

    def reach(self, port: int) -> str:
        """Lay a cable to what listens on ``port`` of 127.0.0.1; the address at which workers find that port."""
        self._made += 1
        number, near, far = self._made, f"10.77.{self._made}.1", f"10.77.{self._made}.2"

        def lay() -> socket.socket:
            holder = str(self._holder.pid)
            self._ip("link", "add", f"near{number}", "type", "veth", "peer", "name", f"far{number}", "netns", holder)
            self._ip("addr", "add", f"{near}/24", "dev", f"near{number}")
            self._ip("link", "set", f"near{number}", "up")
            self._ip("addr", "add", f"{far}/24", "dev", f"far{number}", before=self.prefix)
            self._ip("link", "set", f"far{number}", "up", before=self.prefix)
            return socket.create_server((near, port))

        server = self._within(lay)
        self._sockets.add(server)
        threading.Thread(target=self._accept, args=(server, port), daemon=True).start()
        return near

    def pull(self, address: str) -> None:
        """Pull the cable to a server: packets are lost both ways."""
        self._set(address, "down")

    def plug(self, address: str) -> None:
        """Put it back."""
        self._set(address, "up")

    def _set(self, address: str, state: str) -> None:
        number = address.split(".")[2]
        self._within(lambda: self._ip("link", "set", f"near{number}", state))

    def _within(self, make: Callable[[], Made]) -> Made:
        """``make`` in a thread that stands at the cables' other ends; a socket stays in the network it was made in."""

        def entered() -> Made:
            assert _LIBC.setns(self._between, _NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
            return make()

        return _in_thread(entered)

    def _in_new_network(self, make: Callable[[], Made]) -> Made:
        def entered() -> Made:
            assert _LIBC.unshare(_NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
            return make()

        return _in_thread(entered)

    def _wait_for_holder(self) -> None:
        ours = Path("/proc/self/ns/net").stat().st_ino
        while Path(f"/proc/{self._holder.pid}/ns/net").stat().st_ino == ours:
            pass

    def _ip(self, *words: str, before: Sequence[str] = ()) -> None:
        subprocess.run([*before, "ip", *words], check=True)  # noqa: S603

    def _accept(self, server: socket.socket, port: int) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            try:
                upstream = socket.create_connection(("127.0.0.1", port))
            except OSError:
                client.close()
                continue
            self._sockets |= {client, upstream}
            for source, target in ((client, upstream), (upstream, client)):
                threading.Thread(target=self._forward, args=(source, target), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for each in (source, target):
            self._sockets.discard(each)
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _in_thread(work: Callable[[], Made]) -> Made:
    """``work`` in a thread of its own, which ends with it."""
    results: list[Made] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]

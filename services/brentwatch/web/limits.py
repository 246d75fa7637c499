"""The limits of one request over HTTP: where its connection may lead, and how long it may take.

A socket's own timeout starts again with each byte, so a slow server could hold us for ever: in the
handshake, in the headers, in the body, in the size of a chunk or in a trailer. So each connection is kept
when it is made, and a thread shuts it down when the time is over, which ends every read and write on it.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from brentwatch.web.addresses import refuse_link_local

SILENCE_SECONDS = 30.0
"""The longest time without a byte of the body, shorter than the watchdog's: these bytes are its progress."""


class Limit:
    """`seconds` for the whole request, and `silence` between two parts of its body.

    `check_target(host, address)` raises OSError if the host must not be contacted at this address.
    """

    def __init__(
        self,
        seconds: float,
        silence: float = SILENCE_SECONDS,
        check_target: Callable[[str, str], None] = refuse_link_local,
    ) -> None:
        self._silence = silence
        self._check_target = check_target
        self._end = time.monotonic() + seconds
        self._due = time.monotonic() + silence
        self._kept: list[socket.socket] = []
        self._done = threading.Event()
        self.is_over = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, name="deadline", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        for each in self._kept:
            each.close()

    def connect(self, address: tuple[str, int], *_: object) -> socket.socket:
        """A connection, as `socket.create_connection` makes it, within the time and only to an address that
        was checked: a name may lead anywhere.

        Raises:
            OSError: if there is none.
        """
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
        refused = OSError("the name has no address")
        for tried, (family, kind, protocol, _name, where) in enumerate(found):
            self.check()
            made = socket.socket(family, kind, protocol)
            try:
                self._check_target(address[0], str(where[0]))
                made.settimeout(self._measure_time_left() / (len(found) - tried))
                made.connect(where)
                self._keep(made)
            except OSError as error:
                made.close()
                refused = error
            else:
                return made
        raise refused

    def _keep(self, made: socket.socket) -> None:
        """Keep a second handle of the connection: TLS takes the first one over."""
        self._kept.append(made.dup())
        self.check()  # the time may have been over just before
        made.settimeout(self._measure_time_left())

    def note_progress(self) -> None:
        """Report that a part of the body has arrived."""
        self.check()
        self._due = time.monotonic() + self._silence

    def check(self) -> None:
        """Check that there is time left.

        Raises:
            TimeoutError: if there is none.
        """
        self.is_over = self.is_over or self._measure_time_left() <= 0
        if self.is_over:
            raise TimeoutError("its time is over")

    def _measure_time_left(self) -> float:
        return max(0.0, min(self._end, self._due) - time.monotonic())

    def _watch(self) -> None:
        while not self._done.wait(self._measure_time_left()):
            if self._measure_time_left() <= 0:
                self.is_over = True
                for each in self._kept:
                    with suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                return

"""The limits of one request over HTTP: which addresses it may reach, and how long it may take.

A socket's own timeout begins anew with each byte, so a server that drips would hold us for ever: in the
handshake, in the headers, in the body, in the size of a chunk or in a trailer. So each connection is kept
when it is made, and a thread shuts it down when the time is over, which ends every read and write on it.
"""

import re
import socket
import threading
import time
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_PRINTABLE = re.compile(r"[!-~]+")
_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)


def check_address(text: str, *, carries_secret: bool = False) -> str:
    """The address itself; one that `carries_secret` is https, or of this machine.

    Raises:
        ValueError: with what was expected.
    """
    form = "https://host/path" if carries_secret else "http(s)://host/path"
    if not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise ValueError(f"{form} in printable ASCII, without spaces or backslashes,")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{form}, with a port from 1 to 65535 where one is given,") from None
    if port == 0 or parts.netloc.endswith(":"):
        raise ValueError(f"{form}, with a port from 1 to 65535 where one is given,")
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "#" in text:
        raise ValueError(f"{form}, without a name or password in it,")
    if is_link_local(host):
        raise ValueError("an address that is not link-local (169.254.0.0/16 or fe80::/10),")
    if carries_secret and parts.scheme != "https" and not is_loopback(host):
        raise ValueError(f"{form}, since a secret is sent there (http only to 127.0.0.1, ::1 or localhost),")
    return text


def is_link_local(host: str) -> bool:
    """True for an IP address that only this link knows: clouds hand out their credentials there."""
    number = _parse_number(host)
    return number is not None and number.is_link_local


def is_loopback(host: str) -> bool:
    """True for this machine."""
    number = _parse_number(host)
    return host == "localhost" or (number is not None and number.is_loopback)


def _parse_number(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address, also of old ways to write one, such as 2130706433; None for a name."""
    try:
        found = ip_address(host)
    except ValueError:
        try:
            return IPv4Address(socket.inet_aton(host)) if _NUMERIC.fullmatch(host) else None
        except OSError:
            return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


SILENCE_SECONDS = 30.0
"""Without a byte of the body. Less than the watchdog allows, because only bytes of the body are progress."""


class Limit:
    """`seconds` for the whole request, and `silence` between two parts of its body."""

    def __init__(self, seconds: float, silence: float = SILENCE_SECONDS) -> None:
        self._silence = silence
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
        """A connection, as `socket.create_connection` makes it, within the time and never to a link-local
        address: a name may lead to one.

        Raises:
            OSError: if there is none.
        """
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
        refused = OSError("the name has no address")
        for tried, (family, kind, protocol, _name, where) in enumerate(found):
            self.check()
            made = socket.socket(family, kind, protocol)
            try:
                if is_link_local(str(where[0])):
                    raise OSError(f"{where[0]} is a link-local address, which is never asked")
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
        """Say that a part of the body has come."""
        self.check()
        self._due = time.monotonic() + self._silence

    def check(self) -> None:
        """See whether there is time left.

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

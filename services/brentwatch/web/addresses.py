"""Addresses of servers and mailboxes in settings; addresses that must never be contacted are refused."""

import re
import socket
from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

_PRINTABLE = re.compile(r"[!-~]+")
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)


def check_address(text: str, *, carries_secret: bool = False) -> str:
    """The address itself; one that `carries_secret` is https, or of this machine.

    Raises:
        ValueError: with what was expected.
    """
    form = "https://host/path" if carries_secret else "http(s)://host/path"
    parts = _split_address(text, form)
    host = parts.hostname or ""
    if is_link_local(host):
        raise ValueError("an address that is not link-local (169.254.0.0/16 or fe80::/10)")
    if carries_secret and parts.scheme != "https" and not is_loopback(host):
        raise ValueError(f"{form}, because a secret is sent there (http only to 127.0.0.1, ::1 or localhost)")
    return text


def _split_address(text: str, form: str) -> SplitResult:
    if not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise ValueError(f"{form} in printable ASCII, without spaces or backslashes")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{form}, with a port from 1 to 65535 if there is one") from None
    if port == 0 or parts.netloc.endswith(":"):
        raise ValueError(f"{form}, with a port from 1 to 65535 if there is one")
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "#" in text:
        raise ValueError(f"{form}, without a user name or password in it")
    return parts


class AllowedHosts:
    """The hosts that secrets and messages may be sent to: those that are named, or any public one if none is.

    Private addresses and this machine are contacted only if the host is named, by its name or IP address. A
    link-local address must itself be named. Plain http goes only to a named host of this machine. Errors name
    `setting` as the place to list hosts.
    """

    def __init__(self, named: Iterable[str], setting: str = "hosts") -> None:
        self._named = frozenset(map(_normalise, named))
        self._setting = setting

    def check_url(self, url: str) -> str:
        """The address of a server, if it may be contacted. Errors do not quote it: it may be a secret.

        Raises:
            ValueError: with what was expected.
        """
        parts = _split_address(url, "https://host/path")
        host = _normalise(parts.hostname or "")
        if self._named and host not in self._named:
            raise ValueError(f"a host listed in {self._setting}")
        if parts.scheme != "https" and not (is_loopback(host) and host in self._named):
            here = f"http only to this machine, if {self._setting} lists it"
            raise ValueError(f"https://host/path ({here})")
        if _parse_number(host) or is_loopback(host):
            self._check_number(host, host)
        return url

    def check_target(self, host: str, address: str) -> None:
        """Check that a host may be contacted at the IP address of its name.

        Raises:
            OSError: if not.
        """
        try:
            self._check_number(_normalise(host), _normalise(address))
        except ValueError as error:
            raise OSError(f"its name resolves to {address}; expected {error}; no request was sent") from None

    def _check_number(self, host: str, address: str) -> None:
        number = _parse_number(address)
        if address in self._named or (host in self._named and not (number and number.is_link_local)):
            return
        if number is None or not _is_public(number):
            raise ValueError(f"a public address, or one listed in {self._setting}")


def is_at_host_of(url: str, base: str) -> bool:
    """True if the host of an address is that of the address `base`, or a subdomain of it."""
    try:
        host, whole = urlsplit(url).hostname or "", urlsplit(base).hostname or ""
    except ValueError:  # a bracket that never closes, say
        return False
    return bool(whole) and (host == whole or host.endswith(f".{whole}"))


def split_url(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address that was checked."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def split_target(url: str) -> str:
    """The path and query of an address; empty if it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that never closes, say
        return ""
    if not _PRINTABLE.fullmatch(url):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def is_safe_websocket(url: str, base: str) -> bool:
    """True if a WebSocket is at the host of `base`, and is encrypted on port 443 or on this machine."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if is_loopback(host):
        return parts.scheme == "ws" and host == urlsplit(base).hostname
    return parts.scheme == "wss" and port in (None, 443) and is_at_host_of(url, base)


def refuse_link_local(_host: str, address: str) -> None:
    """The check for all other requests: a name must not lead to a link-local address.

    Raises:
        OSError: if it does.
    """
    if is_link_local(address):
        raise OSError(f"{address} is a link-local address, which is never contacted")


def is_link_local(host: str) -> bool:
    """True for a link-local IP address: clouds serve their credentials there."""
    number = _parse_number(host)
    return number is not None and number.is_link_local


def is_loopback(host: str) -> bool:
    """True for this machine."""
    number = _parse_number(host)
    return host == "localhost" or (number is not None and number.is_loopback)


def _parse_number(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address, including old notations such as 2130706433; None for a name."""
    try:
        found = ip_address(host)
    except ValueError:
        try:
            return IPv4Address(socket.inet_aton(host)) if _NUMERIC.fullmatch(host) else None
        except OSError:
            return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _normalise(host: str) -> str:
    """The one way to write a host: small letters, IP addresses in their usual form."""
    plain = host.strip().strip("[]").rstrip(".").lower()
    return str(_parse_number(plain.partition("%")[0]) or plain)


_NAT64 = IPv6Network("64:ff9b::/96")


def _is_public(number: IPv4Address | IPv6Address) -> bool:
    """True for a public address; an IPv4 address within an IPv6 address is checked too."""
    if isinstance(number, IPv6Address):
        if number in _NAT64:
            return _is_public(IPv4Address(int(number) & 0xFFFFFFFF))
        if number.sixtofour:
            return _is_public(number.sixtofour)
        if number.is_site_local:
            return False
    return number.is_global and not (number.is_multicast or number.is_reserved)


def _check_base(text: str, *, carries_secret: bool = False) -> str:
    """An address that paths are put behind: without a query, and without slashes at its end."""
    if "?" in text:
        raise ValueError("https://host, without a user name, password or query in it")
    return check_address(text, carries_secret=carries_secret).rstrip("/")


def _check_host(text: str) -> str:
    """The name of a host or an IP address, without scheme, port and path."""
    if not (_HOST_NAME.fullmatch(text) or _parse_number(text.strip("[]"))):
        raise ValueError("host names or IP addresses without port or path, such as alerts.example.org")
    return text


HostName = Annotated[str, AfterValidator(_check_host)]
Address = Annotated[str, AfterValidator(_check_base)]
SecretAddress = Annotated[str, AfterValidator(partial(_check_base, carries_secret=True))]
"""Address of a server that gets a password, a key or a token: https, or this machine."""


_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?")
_MAILBOX = re.compile(r"[A-Za-z0-9_.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}")


def split_server(text: str) -> tuple[str, int]:
    """The host and port of `host:port`; port 0 if it names none.

    Raises:
        ValueError: with what was expected.
    """
    found = _SERVER.fullmatch(text)
    if not found or not 0 <= (port := int(found[2] or 0)) < 1 << 16:
        raise ValueError("host or host:port, with a port from 1 to 65535")
    return found[1].strip("[]"), port


def _check_server(text: str) -> str:
    if text:
        split_server(text)
    return text


def _check_mailbox(text: str) -> str:
    if text and not _MAILBOX.fullmatch(text):
        raise ValueError("one address name@host in ASCII")
    return text


Server = Annotated[str, AfterValidator(_check_server)]
"""`host:port`, or a host alone; empty if none was chosen."""

Mailbox = Annotated[str, AfterValidator(_check_mailbox)]
"""One address of e-mail, without a name; empty if none was chosen."""


class MailSecurity(StrEnum):
    """How the connection to a mail server is encrypted; `plain` stays on this machine."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"

    @property
    def port(self) -> int:
        """The usual port."""
        return {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.PLAIN: 25}[self]

"""Addresses of web servers, as settings give them: what may never be asked is refused there."""

import re
import socket
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

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


def _check_base(text: str, *, carries_secret: bool = False) -> str:
    """An address that paths are put behind: without a query, and without slashes at its end."""
    if "?" in text:
        raise ValueError("https://host, without a name, password or query in it,")
    return check_address(text, carries_secret=carries_secret).rstrip("/")


Address = Annotated[str, AfterValidator(_check_base)]
SecretAddress = Annotated[str, AfterValidator(partial(_check_base, carries_secret=True))]
"""Of a server that is sent a password, a key or a token: https, or this machine."""

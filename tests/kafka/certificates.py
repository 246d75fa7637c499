"""Certificates made for a test by openssl: an authority, and what it signs, as PEM."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, and both in one file as a broker wants them."""

    certificate: Path
    key: Path
    both: Path


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def _pair(certificate: Path, key: Path) -> Pair:
    both = certificate.with_suffix(".both.pem")
    both.write_text(key.read_text() + certificate.read_text())
    return Pair(certificate, key, both)


class Authority:
    """Signs certificates; `certificate` is what those who trust it hold."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        own = self_signed(folder, name, "basicConstraints=critical,CA:TRUE")
        self.certificate = own.certificate
        self._key = own.key

    def sign(self, name: str, host: str = "127.0.0.1", days: int = 2, password: str = "") -> Pair:
        """A certificate of `name` for a host; one of -1 days has expired. A password closes its key."""
        stem = self._folder / f"{self._name}-{name}"
        key, request, certificate = (stem.with_suffix(f".{kind}") for kind in ("key", "csr", "pem"))
        closed = ["-passout", f"pass:{password}"] if password else ["-nodes"]
        named = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{host}"]
        _openssl("req", *_NEW_KEY, *closed, "-keyout", key, "-out", request, *named)
        signer = ["-CA", str(self.certificate), "-CAkey", str(self._key), "-CAcreateserial"]
        told = ["-days", str(days), "-copy_extensions", "copy"]
        _openssl("x509", "-req", "-in", request, *signer, *told, "-out", certificate)
        return _pair(certificate, key)


def self_signed(folder: Path, name: str, extension: str = "subjectAltName=IP:127.0.0.1") -> Pair:
    """A certificate that vouches for itself."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    named = ["-subj", f"/CN={name}", "-days", "2", "-addext", extension]
    _openssl("req", "-x509", *_NEW_KEY, "-nodes", "-keyout", key, "-out", certificate, *named)
    return _pair(certificate, key)

"""A secret that stands in a file of its own, read anew at each use: it may have been changed meanwhile."""

from __future__ import annotations

from pathlib import Path

from brentwatch.core.errors import SettingsError


def read_secret(setting: str, path: str) -> str:
    """What the file that a setting names holds, without the line break at its end.

    Raises:
        SettingsError: if it cannot be read, or holds nothing.
    """
    try:
        text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
        raise SettingsError(
            f"{setting} is {path}, which cannot be read: {why}; a file that holds nothing but the secret was "
            "wanted: correct the path or its permissions"
        ) from None  # the error of a decoder quotes the secret
    if not text:
        raise SettingsError(f"{setting} is {path}, which is empty; a secret was wanted in it")
    return text

"""A secret of the settings: given itself, or as the file that holds it, which is read anew at each use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from pydantic import SecretStr


def wanted(key: str, given: SecretStr | None, file: str | None) -> str:
    """The secret of the setting `key`.

    Raises:
        SettingsError: if there is none, or its file cannot be read.
    """
    if given is not None and given.get_secret_value():
        return given.get_secret_value()
    if file is None:
        raise SettingsError(
            f"{key} is not given, and neither is {key}_file; this feed wants one: set {key}_file, or "
            f"{key} by its environment variable, or take the feed out of ingest.feeds"
        )
    try:
        text = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
        raise SettingsError(
            f"{key}_file is {file}, which cannot be read: {why}; a file that holds nothing but the secret "
            "was wanted: correct the path or its permissions"
        ) from None  # the error of a decoder quotes the secret
    if not text:
        raise SettingsError(f"{key}_file is {file}, which is empty; a secret was wanted in it")
    return text

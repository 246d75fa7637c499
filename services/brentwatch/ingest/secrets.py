"""A secret of the settings: given itself, or as the file that holds it, which is read anew at each use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError
from brentwatch.web.secrets import read_secret

if TYPE_CHECKING:
    from pydantic import SecretStr


def require_secret(key: str, given: SecretStr | None, file: str | None) -> str:
    """The secret of the setting `key`.

    Raises:
        SettingsError: if there is none, or its file cannot be read.
    """
    if given is not None and given.get_secret_value():
        return given.get_secret_value()
    if file is None:
        raise SettingsError(
            f"{key} is not given, and neither is {key}_file; this feed needs one: set {key}_file, or "
            f"{key} by its environment variable, or take the feed out of ingest.feeds"
        )
    return read_secret(f"{key}_file", file)

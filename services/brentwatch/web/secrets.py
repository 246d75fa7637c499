"""Secrets: read from their own file at each use, because it may have changed, and hidden in all output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:  # `--help` hides secrets too, and is spared pydantic
    from pydantic import SecretStr

HIDDEN = "***"
_BEHIND_SCHEME = re.compile(r"""(?<=://)[^\s"'<>]++""")
_BEFORE_AT = re.compile(r"""([^\s"'<>/@,]++)@(?=[^\s@])|[^\s"'<>/@,]++""")
_NAME_AND_COLON = re.compile(r"[^;=(]:")
_PARAMETER = re.compile(r"""(?<=[?&;])([\w.-]++=)[^\s&"'<>]+""")
_SECRET_NAME = re.compile(r"passw|secret|token|key|credential|auth|sig", re.IGNORECASE)
_PATH = re.compile(r"(/|\./|\.\./|~|[A-Za-z]:[\\/]).*|.*\.(txt|pem|key|crt|secret|token|password)", re.DOTALL)


def hide_credentials(text: str) -> str:
    """The text with *** for the name and password in each address, and for secrets among its parameters."""
    if "@" in text:
        text = _BEFORE_AT.sub(_hide_password, _BEHIND_SCHEME.sub(_hide_user, text))
    return _PARAMETER.sub(_hide_secret, text) if "=" in text else text


def _hide_user(address: re.Match[str]) -> str:
    """The part after :// up to its last @, hidden."""
    _, at, rest = address[0].rpartition("@")
    return f"{HIDDEN}@{rest}" if at else rest


def _hide_password(before: re.Match[str]) -> str:
    """A name and a password with a colon between them before an @, hidden."""
    if not before[1] or not (found := _NAME_AND_COLON.search(before[1])):
        return before[0]
    begin = max(before[1].rfind(each, 0, found.start()) for each in ";=(") + 1
    return f"{before[1][:begin]}{HIDDEN}@"


def _hide_secret(parameter: re.Match[str]) -> str:
    return f"{parameter[1]}{HIDDEN}" if _SECRET_NAME.search(parameter[1]) else parameter[0]


def redact_path(path: str) -> str:
    """The path to a secret as it may be shown: *** if it does not look like a path and may be the secret."""
    return path if _PATH.fullmatch(path) and "\n" not in path else HIDDEN


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret of the settings: given itself, or as the file that holds it, which is read at each use.

    `setting` names it, and `setting`_file its file. `missing` is the error if it is given in neither way;
    without that sentence it is optional. It is shown by its name alone.
    """

    setting: str
    value: SecretStr | None
    file: str | None
    missing: str = ""

    def __repr__(self) -> str:
        return f"Secret({self.setting})"

    def check(self) -> None:
        """Check that it is given in one way only.

        Raises:
            ValueError: with what was expected.
        """
        if self.value and self.file:
            name = self.setting.rpartition(".")[2]
            raise ValueError(f"either {name} or {name}_file, not both")

    def read(self) -> str:
        """The secret; a line break at the end of its file is dropped. Empty if it is optional and not given.

        Raises:
            SettingsError: if it is missing, or its file cannot be read or holds nothing.
        """
        if self.file:
            return self._read_file(self.file)
        if not self.value and self.missing:
            raise SettingsError(self.missing)
        return self.value.get_secret_value() if self.value else ""

    def _read_file(self, path: str) -> str:
        named = f"{self.setting}_file is {redact_path(path)}"
        try:
            text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a NUL in the path
            why = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
            raise SettingsError(
                f"{named}, which cannot be read: {why}; expected a file that holds nothing but the secret: "
                "correct the path or its permissions"
            ) from None  # the error of a decoder quotes the secret
        if not text:
            raise SettingsError(f"{named}, which is empty; expected a secret in it")
        return text

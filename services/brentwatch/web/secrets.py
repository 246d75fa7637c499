"""Secrets: read from their own file at each use, since it may have changed, and hidden in what is shown."""

import re
from pathlib import Path

from brentwatch.core.errors import SettingsError

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
    """What stands behind ://, up to its last @, hidden."""
    _, at, rest = address[0].rpartition("@")
    return f"{HIDDEN}@{rest}" if at else rest


def _hide_password(before: re.Match[str]) -> str:
    """A name and a password with a colon between them, as they stand before an @, hidden."""
    if not before[1] or not (found := _NAME_AND_COLON.search(before[1])):
        return before[0]
    begin = max(before[1].rfind(each, 0, found.start()) for each in ";=(") + 1
    return f"{before[1][:begin]}{HIDDEN}@"


def _hide_secret(parameter: re.Match[str]) -> str:
    return f"{parameter[1]}{HIDDEN}" if _SECRET_NAME.search(parameter[1]) else parameter[0]


def redact_path(path: str) -> str:
    """The path to a secret as it may be shown: *** where it is not like a path, and may be the secret."""
    return path if _PATH.fullmatch(path) and "\n" not in path else HIDDEN


def read_secret(setting: str, path: str) -> str:
    """What the file that a setting names holds, without the line break at its end.

    Raises:
        SettingsError: if it cannot be read, or holds nothing.
    """
    try:
        text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a NUL in the path
        why = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
        raise SettingsError(
            f"{setting} is {redact_path(path)}, which cannot be read: {why}; expected a file that holds "
            "nothing but the secret: correct the path or its permissions"
        ) from None  # the error of a decoder quotes the secret
    if not text:
        raise SettingsError(f"{setting} is {redact_path(path)}, which is empty; expected a secret in it")
    return text

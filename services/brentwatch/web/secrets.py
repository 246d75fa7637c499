"""Secrets: read from their own file at each use, since it may have changed, and hidden in what is shown."""

from __future__ import annotations

import re
from pathlib import Path

from brentwatch.core.errors import SettingsError

HIDDEN = "***"
_USERINFO = re.compile(r"""(?<=://)[^\s"'<>]*@|[^\s"'<>/@,;=(]+:[^\s"'<>/@,]*@(?=[^\s@])""")
_SECRET_PARAMETER = re.compile(
    r"""(?<=[?&;])([\w.-]*(?:passw|secret|token|key|credential|auth|sig)[\w.-]*=)[^\s&"'<>]+""", re.IGNORECASE
)
_PATH = re.compile(r"(/|\./|\.\./|~|[A-Za-z]:[\\/]).*|.*\.(txt|pem|key|crt|secret|token|password)", re.DOTALL)


def hide_credentials(text: str) -> str:
    """The text with *** for the name and password in each address, and for secrets among its parameters."""
    if "@" in text:
        text = _USERINFO.sub(f"{HIDDEN}@", text)
    return _SECRET_PARAMETER.sub(rf"\g<1>{HIDDEN}", text) if "=" in text else text


def shown_path(path: str) -> str:
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
            f"{setting} is {shown_path(path)}, which cannot be read: {why}; expected a file that holds "
            "nothing but the secret: correct the path or its permissions"
        ) from None  # the error of a decoder quotes the secret
    if not text:
        raise SettingsError(f"{setting} is {shown_path(path)}, which is empty; expected a secret in it")
    return text

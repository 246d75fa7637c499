"""Which place a secret may be given in, and whose address it may be sent to.

A flag shows a secret to every user of the machine. An address in the settings file of the working folder,
which nobody named, must not receive a secret that was given elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.settings.composed import Settings
from brentwatch.settings.fields import is_secret
from brentwatch.settings.origins import SettingsFile, name_variable
from brentwatch.web.secrets import hide_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.settings.origins import Key
    from brentwatch.settings.sources import Layer

_FILE = "_file"


def find_secrets_in_flags(flags: Layer) -> Iterator[str]:
    """One sentence for each secret that stands on the command line."""
    for key, entry in flags.items():
        if is_secret(Settings, key):
            instead = f"set {name_variable(key)}, or {'.'.join(key)}{_FILE} to a file that holds it"
        elif hide_credentials(str(entry.value)) != entry.value:
            instead = f"set {name_variable(key)}"
        else:
            continue
        yield (
            f"{'.'.join(key)} is given by {entry.origin}, which shows the secret to every user of this "
            f"machine; expected it in the environment or in a file: {instead}"
        )


def find_strayed_secrets(given: Layer) -> Iterator[str]:
    """One sentence for each secret that would go to an address of a settings file that nobody named."""
    for key, entry in given.items():
        if not (is_secret_or_file(key) and entry.value) or isinstance(entry.origin, SettingsFile):
            continue
        for address, other in given.items():
            match other.origin:
                case SettingsFile(path=path, implicit=True) if is_address_for(address, key):
                    yield (
                        f"{'.'.join(key)} ({entry.origin}) would be used with {'.'.join(address)}, which "
                        f"{path} in the working folder gives; expected an address from the environment, a "
                        f"flag or a settings file that is named: set {name_variable(address)}, or name the file "
                        f"with --settings {path}"
                    )


def is_secret_or_file(key: Key) -> bool:
    """True for a secret, and for the setting that names its file."""
    name = key[-1].removesuffix(_FILE)
    return is_secret(Settings, (*key[:-1], name)) or key[-1] == "token_file"


def is_address_for(address: Key, secret: Key) -> bool:
    """True where `address` says where `secret` is sent: it stands in the same section, or above."""
    *section, name = address
    is_above = tuple(section) == secret[: len(section)]
    return is_above and (name in ("bootstrap", "url") or name.endswith("_url"))

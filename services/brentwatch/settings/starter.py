"""The text of a first settings file: every setting with its default, commented out.

A line that begins with `#` and no space behind it is a setting: without the `#` it is valid as it stands.
What has no default is shown with an example where a desk needs it, and left out elsewhere.
"""

from collections.abc import Iterator
from itertools import groupby

from brentwatch.notify.policy import ChannelSettings, HttpChannelSettings
from brentwatch.settings.composed import Settings
from brentwatch.settings.described import DescribedSetting, describe_settings, format_toml, read_meanings
from brentwatch.settings.fields import ANY
from brentwatch.settings.instruments import DEFAULT_INSTRUMENTS
from brentwatch.settings.origins import Key

_SECTIONS = ("kafka", "instruments", "prices", "ingest", "screen", "notify", "canary", "telemetry")
_FIRST_CHANNEL = "terminal"
_SHARED = (ChannelSettings, HttpChannelSettings)
_SECRETS = "/run/secrets"

_EXAMPLES: dict[str, object] = {
    "ingest.acled.username": "desk@example.com",
    "ingest.file.path": "events",
    "notify.terminal.quiet_from": "22:00",
    "notify.terminal.quiet_until": "06:00",
    "notify.email.server": "smtp.example.com",
    "notify.email.user": "brentwatch",
    "notify.email.sender": "brentwatch@example.com",
    "notify.email.to": ("desk@example.com",),
    "notify.slack.channel_id": "C0123456789",
    "notify.telegram.chat_id": "-1001234567890",
    "notify.symphony.url": "https://desk.symphony.com",
    "notify.symphony.username": "brentwatch",
    "notify.symphony.stream_id": "stream-id",
}

_HEAD = """\
# Settings of brentwatch. Every setting is commented out and shows its default: this file changes nothing.
# To change a setting, remove the # in front of it. `brentwatch config show` prints all values and sources.
# docs/settings.md lists all settings with their types and bounds. Keep secrets in separate files.
"""

_NOTES = {
    ("kafka", "security"): (
        "For TLS and a login, set all of these (docs/security.md):",
        'protocol = "SASL_SSL", mechanism = "SCRAM-SHA-512", username = "brentwatch",',
        f'password_file = "{_SECRETS}/kafka-password", and ca_file unless the system trusts the broker.',
    ),
    ("prices",): ("The providers of each series are set in [prices.series.NAME]; see docs/settings.md.",),
    ("notify", _FIRST_CHANNEL): ("Every channel takes the settings of this section in its own section.",),
}
_LEFT_OUT = {
    "screen.sources.history",  # without a topic prefix it does something else when it is given
}
_INSTRUMENTS_NOTE = "If you set any instrument, only the instruments that you set are tested."


def build_starter() -> str:
    """The file, in TOML."""
    described = [each for each in describe_settings(Settings) if ANY not in each.key]
    parts = [_HEAD]
    for name in _SECTIONS:
        if name == "instruments":
            parts += [_build_instrument(instrument) for instrument in DEFAULT_INSTRUMENTS]
            continue
        rows = [each for each in described if each.key[0] == name]
        parts += [
            _build_section(key, list(group)) for key, group in groupby(rows, lambda each: each.key[:-1])
        ]
    return "\n".join(parts)


def _build_section(key: Key, rows: list[DescribedSetting]) -> str:
    lines = [f"[{'.'.join(key)}]", *(f"# {note}" for note in _NOTES.get(key, ()))]
    for row in rows:
        if row.owner not in _SHARED or _FIRST_CHANNEL in row.key:
            lines += _build_lines(row)
    return "\n".join([*lines, ""])


def _build_lines(row: DescribedSetting) -> Iterator[str]:
    is_of_kafka = row.key[:-1] == ("kafka", "security")  # files that must be there, and fit together
    if (is_of_kafka and not row.default) or ".".join(row.key) in _LEFT_OUT:
        return
    example = _find_example(row)
    if example or row.default:
        yield f"# {row.meaning}{' Example:' if example else ''}"
        yield f"#{row.name} = {example or row.default}"


def _find_example(row: DescribedSetting) -> str:
    """In TOML; empty where the default is shown, or nothing."""
    if is_secret_file(row):
        name = "-".join(row.key[1:]).removesuffix("_file").replace("_", "-")
        return format_toml(f"{_SECRETS}/{name}")
    return format_toml(_EXAMPLES.get(".".join(row.key)))


def is_secret_file(row: DescribedSetting) -> bool:
    """True for the setting of a file that holds a secret of the same section."""
    secret = row.section.model_fields.get(row.name.removesuffix("_file"))
    return row.name.endswith("_file") and secret is not None


def _build_instrument(name: str) -> str:
    meanings = read_meanings(type(DEFAULT_INSTRUMENTS[name]))
    lines = [f"[instruments.{name}]", f"# {_INSTRUMENTS_NOTE}"]
    for key, value in DEFAULT_INSTRUMENTS[name]:
        if value is not None:
            lines += [f"# {meanings[key]}", f"#{key} = {format_toml(value)}"]
    return "\n".join([*lines, ""])

"""The options that every command takes (settings file, settings, log level), --instrument, and times.

They may stand before the command or after it. What they say reaches the command as its click object:

    @click.command("replay", cls=Command)
    @click.pass_obj
    def command(sources: Sources) -> ExitCode: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from brentwatch.core.errors import SettingsError
from brentwatch.settings.origins import Assignment, Sources

if TYPE_CHECKING:
    from brentwatch.core.domain import Instrument
    from brentwatch.history.tables import OrderChoice
    from brentwatch.settings.composed import Settings


Decorated = TypeVar("Decorated", bound="Callable[..., object]")

LOG_LEVELS = ("debug", "info", "warning", "error")


class Command(click.Command):
    """A command that takes the common options after its name too."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own parameters, then the common ones."""
        return [*super().get_params(ctx), *build_common_options()]


class Group(click.Group):
    """A group of such commands, which takes the common options itself."""

    command_class = Command

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own parameters, then the common ones."""
        return [*super().get_params(ctx), *build_common_options()]


def order_options(command: Decorated) -> Decorated:
    """Adds --day-first and --month-first, which reach the command as `order`; see `parse_order`."""
    for name in ("month-first", "day-first"):
        example = "7 May" if name == "day-first" else "5 July"
        option = click.option(f"--{name}", "order", flag_value=name, help=f"07/05/2024 is {example} 2024.")
        command = option(command)
    return command


def parse_order(order: str | None) -> OrderChoice:
    """What the two options say."""
    from brentwatch.history.tables import DayOrder, OrderChoice

    return OrderChoice(None if order is None else DayOrder(order))


def build_common_options() -> list[click.Parameter]:
    """The common options, which hand their values on through the context and not as arguments."""
    return [
        click.Option(
            ["--settings"],
            metavar="FILE",
            expose_value=False,
            callback=_take_file,
            help="TOML file with the settings [BRENTWATCH_SETTINGS, or ./brentwatch.toml].",
        ),
        click.Option(
            ["--set"],
            metavar="KEY=VALUE",
            multiple=True,
            expose_value=False,
            callback=_take_assignments,
            help="One setting, such as kafka.topic_prefix=demo.; repeatable.",
        ),
        click.Option(
            ["--log-level"],
            type=click.Choice(LOG_LEVELS),
            metavar="LEVEL",
            expose_value=False,
            callback=_take_log_level,
            help=f"One of {', '.join(LOG_LEVELS)}.",
        ),
    ]


def _take_file(context: click.Context, _: click.Parameter, path: str | None) -> None:
    if path is not None:
        context.obj = replace(_get_sources(context), file=path)


def _take_assignments(context: click.Context, _: click.Parameter, texts: tuple[str, ...]) -> None:
    _add(context, [_parse_assignment(text) for text in texts])


def _take_log_level(context: click.Context, _: click.Parameter, level: str | None) -> None:
    if level is not None:
        _add(context, [Assignment("telemetry.log_level", level, "--log-level")])


def _parse_assignment(text: str) -> Assignment:
    key, equals, value = text.partition("=")
    if not equals:  # what was given is not shown: it may be a password
        raise click.BadParameter("expected KEY=VALUE, such as kafka.topic_prefix=demo.; the = is missing")
    if not all(key.split(".")):
        raise click.BadParameter(
            f"expected KEY=VALUE, such as kafka.topic_prefix=demo.; {key!r} is not a key"
        )
    return Assignment(key, value)


def _add(context: click.Context, assignments: Iterable[Assignment]) -> None:
    sources = _get_sources(context)
    context.obj = replace(sources, flags=(*sources.flags, *assignments))


def _get_sources(context: click.Context) -> Sources:
    """What was said so far: the object of a context starts as that of the context above it."""
    return context.obj if isinstance(context.obj, Sources) else Sources()


def choose_instrument(settings: Settings, name: str | None) -> Instrument:
    """The instrument of that name; without a name the one with the lowest partition.

    Raises:
        SettingsError: if the settings have no such instrument.
    """
    known = {instrument.name: instrument for instrument in settings.list_instruments()}
    if name is None:
        return settings.list_instruments()[0]
    if name not in known:
        raise SettingsError(
            f"{name!r} is not an instrument; expected one of {', '.join(known)}: name one of them, "
            f"or add [instruments.{name}] to the settings"
        )
    return known[name]


def choose_live_instrument(settings: Settings, name: str | None) -> Instrument:
    """The instrument of that name; without a name the first that opens alerts, or the first.

    Raises:
        SettingsError: if the settings have no such instrument.
    """
    alerting = next((each.name for each in settings.list_instruments() if each.alerts), None)
    return choose_instrument(settings, name or alerting)


def choose_for_history(history: str, settings: Settings, name: str | None) -> Instrument:
    """The instrument of that name; without a name the one that the history asks for, or the first.

    Those that every installation knows need no settings: a history is played anywhere.

    Raises:
        InvalidInput: if there is no such history, or it cannot be read.
        SettingsError: if the settings have no such instrument.
    """
    from brentwatch.history.folder import read_instrument_name

    return choose_known_instrument(settings, name or read_instrument_name(history))


def choose_known_instrument(settings: Settings, name: str | None) -> Instrument:
    """As `choose_instrument`; an instrument that every installation knows needs no settings.

    Raises:
        SettingsError: if there is no such instrument.
    """
    has_it = name is None or any(each.name == name for each in settings.list_instruments())
    from brentwatch.core.domain import KNOWN

    return choose_instrument(settings, name) if has_it or name not in KNOWN else KNOWN[name]


def parse_time(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    """A day or a time of ISO 8601; in UTC where it names no offset."""
    try:
        time = None if text is None else datetime.fromisoformat(text)
        return time and (time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC))
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} was given; expected a day or a time in UTC, such as 2022-01-05 or 2022-01-05T10:00"
        ) from None

"""What people write on the command line: ids, times, durations and names, and the errors for wrong ones."""

import getpass
import re
from collections.abc import Mapping
from datetime import timedelta

import click

from brentwatch.commands.process import ExitCode
from brentwatch.message.foreign import clean, cut_text

_DURATION = re.compile(r"(?:([0-9]{1,5})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?")
_LONGEST_NAME = 200


class NothingMatched(click.ClickException):
    """No alert, silence or channel is what was asked for."""

    exit_code = ExitCode.NOTHING_MATCHED


def parse_duration(_: click.Context, __: click.Parameter, text: str) -> timedelta:
    """Days, hours and minutes, such as 1h30m."""
    found = _DURATION.fullmatch(text)
    days, hours, minutes = (int(each or 0) for each in found.groups()) if found else (0, 0, 0)
    duration = timedelta(days=days, hours=hours, minutes=minutes)
    if not timedelta() < duration <= timedelta(days=366):
        raise click.BadParameter(
            f"{text!r} was given; expected a duration of 1m to 366d, such as 30m, 2h, 1h30m or 1d"
        )
    return duration


def find_person(_: click.Context, __: click.Parameter, name: str | None) -> str:
    """The person who answers: the given name, or the login."""
    try:
        said = getpass.getuser() if name is None else name
    except (KeyError, OSError, ImportError):  # a user of a container without a name
        said = ""
    if not (cleaned := cut_text(clean(said), _LONGEST_NAME)):
        raise click.BadParameter("expected the name of the person who answers: add --by NAME")
    return cleaned


def choose(ids: Mapping[str, str], prefix: str, what: str, listed_by: str) -> str:
    """The one thing (a `what`) whose id begins with the prefix.

    Raises:
        NothingMatched: if there is none.
        UsageError: if there are several.
    """
    from brentwatch.notify.listing import find_by_prefix, find_nearest

    found = find_by_prefix(ids, prefix) if prefix else []
    if len(found) == 1:
        return found[0]
    if found:
        raise click.UsageError(
            f"{prefix!r} matches {len(found)} {what}s: {_join(found[:5])}; expected the beginning of one "
            "id: add characters"
        )
    nearest = f"; the nearest are {_join(find_nearest(ids, prefix))}" if ids else f"; there is no {what}"
    raise NothingMatched(
        f"no {what} has an id that begins with {prefix!r}{nearest}; `{listed_by}` lists them"
    )


def _join(names: list[str]) -> str:
    return ", ".join(clean(name) for name in names)

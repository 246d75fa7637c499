"""Checks of this machine, which need no broker: the channels of the notifier, and what the services answer.

Nothing is sent, and nothing is written: a channel is opened as the notifier opens it, which reads its secrets
and asks nobody.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from brentwatch.commands.run import UNNAMED
from brentwatch.core.domain import Series
from brentwatch.core.errors import SettingsError, describe_internal
from brentwatch.notify.channels.jsonl import JsonlSettings
from brentwatch.notify.channels.table import open_channel
from brentwatch.notify.policy import ChannelSettings
from brentwatch.settings.composed import Settings
from brentwatch.stream.doctor.patient import Finding, Level
from brentwatch.telemetry import table
from brentwatch.telemetry.probe import ask, build_url, fetch_page

_MOST_SESSIONS = 3
_PROVISIONAL = table.PREFIX + table.PROVISIONAL_OLDEST.name
_TRY = "to send a test message, run brentwatch alerts test {name}"


def run_local_checks(settings: Settings) -> Iterator[tuple[str, Finding]]:
    """Every finding of every check, with the name of the check."""
    for name, check in CHECKS.items():
        yield from ((name, finding) for finding in check(settings))


def _check_channels(settings: Settings) -> Iterator[Finding]:
    """Whether each channel that is used, or is a fallback, has all that it needs."""
    for name in settings.notify.list_used():
        try:
            _prepare_channel(name, settings.notify.find_channel(name))
        except SettingsError as error:
            yield from (Finding(Level.FAIL, f"{name}: {fault}") for fault in error.faults)
        except Exception as error:  # noqa: BLE001 - one channel that fails does not keep the others back
            yield Finding(Level.FAIL, f"{name}: check failed: {describe_internal(error)}")
        else:
            yield Finding(Level.OK, f"{name}: settings are valid; no message sent", _TRY.format(name=name))


def _prepare_channel(name: str, settings: ChannelSettings) -> None:
    """Open a channel as the notifier does; of a file only look whether it can be written, and make none.

    Raises:
        SettingsError: if the settings cannot work.
    """
    if not isinstance(settings, JsonlSettings):
        open_channel(name, settings)
        return
    path = settings.path
    looked_at = path if path.exists() else path.parent
    if (path.exists() and not path.is_file()) or not os.access(looked_at, os.W_OK):
        raise SettingsError(
            f"notify.jsonl.path is {path}, which cannot be written; expected a regular file, in a folder "
            "that exists: correct the path or its permissions"
        )


def _check_services(settings: Settings) -> Iterator[Finding]:
    """Whether each service that `brentwatch run` starts answers on its port."""
    for name in UNNAMED:
        if name == "ingest" and not settings.ingest.feeds:
            continue
        port = getattr(settings.telemetry.ports, name)
        if port:
            yield _describe_answer(name, settings.telemetry.host, port)
        else:
            said = f"{name}: not checked, because telemetry.ports.{name} = 0 means any free port"
            yield Finding(Level.OK, said)


def _describe_answer(name: str, host: str, port: int) -> Finding:
    url = build_url(host, port, "readyz")
    match ask(host, port):
        case (200, detail):
            return Finding(Level.OK, f"{name}: {url} answers: {detail}")
        case (_, detail):
            return Finding(Level.WARN, f"{name}: {url} answers not ready: {detail}", "see its log")
        case _:
            remedy = f"start it with brentwatch run {name}; if it runs on another machine, run doctor there"
            return Finding(Level.WARN, f"{name}: nothing answers at {url}", remedy)


def _check_provisional(settings: Settings, now: datetime | None = None) -> Iterator[Finding]:
    """Whether a session is still provisional though three more have settled: its final price never came."""
    oldest = read_oldest_provisional(settings.telemetry.host, settings.telemetry.ports.monitor)
    if not oldest:
        yield Finding(Level.OK, "not checked: no monitor runs on this machine")
    for instrument in settings.list_instruments():
        if instrument.name not in oldest:
            continue
        session = find_overdue_session(instrument.series, oldest[instrument.name], now or datetime.now(UTC))
        if session is None:
            yield Finding(Level.OK, f"{instrument.name}: no session is overdue for its final price")
            continue
        said = f"{instrument.name}: the session of {session} is still provisional; expected a final price "
        said += f"within {_MOST_SESSIONS} sessions"
        yield Finding(Level.WARN, said, f"check why no daily prices of {instrument.series.name} arrive")


def read_oldest_provisional(host: str, port: int) -> dict[str, float]:
    """When the oldest provisional session of each instrument settled, in seconds since 1970; 0 without one.

    Empty where no monitor answers.
    """
    match fetch_page(host, port, "metrics") if port else None:
        case (200, text):
            families = text_string_to_metric_families(text)
            samples = [each for family in families for each in family.samples if each.name == _PROVISIONAL]
            return {each.labels["instrument"]: each.value for each in samples}
    return {}


def find_overdue_session(series: Series, settled_at: float, now: datetime) -> date | None:
    """The session that settled then, if three more have settled since."""
    if not settled_at:
        return None
    session = series.find_session_after(datetime.fromtimestamp(settled_at, UTC) - timedelta(seconds=1))
    last = session
    for _ in range(_MOST_SESSIONS):
        last = series.find_next(last)
    return session if series.closes_at(last) < now else None


CHECKS: Mapping[str, Callable[[Settings], Iterator[Finding]]] = {
    "channels": _check_channels,
    "services": _check_services,
    "provisional": _check_provisional,
}

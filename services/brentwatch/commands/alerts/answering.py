"""`brentwatch alerts ack`, `feedback`, `resend`, `silence` and `unsilence`: what people want."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from brentwatch.commands.alerts.asking import NothingMatched, choose, find_person, parse_duration
from brentwatch.commands.options import Command
from brentwatch.notify.channels.table import CHANNELS
from brentwatch.settings.origins import Sources
from brentwatch.wire.deliveries import AnswerKind, AnswerRecord

if TYPE_CHECKING:
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.notify.values import AlertThread, Values

_DAY = timedelta(days=1)
_LONGEST_REASON = 500

_by = click.option(
    "--by", callback=find_person, metavar="NAME", help="Name of the person who answers [default: your login]."
)
_channel = click.option(
    "--channel", type=click.Choice(list(CHANNELS)), metavar="CHANNEL", help="Only this channel."
)
_id = click.argument("prefix", metavar="ID")


@click.command("ack", cls=Command, short_help="Acknowledge an alert: its fallbacks stop.")
@_id
@_by
@click.pass_obj
def acknowledge(sources: Sources, prefix: str, by: str) -> None:
    """Acknowledge an alert: its fallbacks stop, and channels that can edit show who acknowledged it."""
    from brentwatch.commands.alerts.describing import describe_acknowledged
    from brentwatch.notify.listing import count_fallbacks

    notifier, thread = _open_thread(sources, prefix)
    if (known := _get_thread(notifier.values, thread).acknowledged) is not None:
        click.echo(f"already {describe_acknowledged(known)}")
        return
    waiting = count_fallbacks(notifier.values, thread)
    answer = _build_answer(AnswerKind.ACKNOWLEDGE, by, thread=thread)
    if _send(notifier, answer) is None:
        return
    done = _get_thread(notifier.values, thread).acknowledged
    if done is None or done.by != by:
        click.echo(f"already {describe_acknowledged(done)}")
        return
    stopped = waiting - count_fallbacks(notifier.values, thread)
    click.echo("acknowledged" + (f"; {_count(stopped, 'fallback')} stopped" if stopped else ""))


@click.command("feedback", cls=Command, short_help="Rate an alert: useful or a false alarm.")
@_id
@click.argument("verdict", type=click.Choice(["useful", "false"]))
@_by
@click.pass_obj
def feedback(sources: Sources, prefix: str, verdict: str, by: str) -> None:
    """Rate an alert as useful or as a false alarm. Your last answer counts.

    The counts are shown in the detail of later alerts of the same severity.
    """
    from brentwatch.notify.messages import name_severity
    from brentwatch.notify.values import Totals

    notifier, thread = _open_thread(sources, prefix)
    kind = AnswerKind.USEFUL if verdict == "useful" else AnswerKind.FALSE_ALARM
    if _send(notifier, _build_answer(kind, by, thread=thread)) is None:
        return
    severity = _get_thread(notifier.values, thread).severity
    totals: Totals = notifier.values["totals"].get("", Totals())
    count, useful = totals.feedback.get(name_severity(severity), (0, 0))
    rating = "useful" if verdict == "useful" else "a false alarm"
    which = f"{severity} alerts" if severity else "heads-ups"
    click.echo(f"recorded as {rating}; {which} so far: {useful} useful of {count}")


@click.command("resend", cls=Command, short_help="Send an alert again.")
@_id
@_channel
@_by
@click.pass_obj
def resend(sources: Sources, prefix: str, channel: str | None, by: str) -> None:
    """Send the newest revision of an alert again as a new message, to the channels that had it."""
    from brentwatch.notify.outbox import RESENT

    notifier, thread = _open_thread(sources, prefix)
    answer = _build_answer(AnswerKind.RESEND, by, thread=thread, channel=channel)
    changed = _send(notifier, answer)
    if changed is None:
        return
    ending, start = f"{RESENT}{answer.id}", "delivery:"
    names = (key.removeprefix(start) for key in changed if key.startswith(start) and key.endswith(ending))
    if resent := sorted(name.partition(":")[0] for name in names):
        click.echo(f"sent again to {', '.join(resent)}")
        return
    why = (
        f"the notifier does not use the channel {channel}; `brentwatch alerts channels` lists those in use"
        if channel
        else "no channel was sent this alert, except in a digest; name one with --channel"
    )
    raise NothingMatched(f"nothing was sent again: {why}")


@click.command("silence", cls=Command, short_help="Hold back all alerts for a while.")
@click.option(
    "--for",
    "duration",
    required=True,
    callback=parse_duration,
    metavar="DURATION",
    help="Length, such as 30m or 2h.",
)
@_channel
@click.option("--reason", default="", metavar="TEXT", help="Reason; it is posted.")
@click.option("--longer-than-a-day", is_flag=True, help="Allow more than 24 hours.")
@_by
@click.pass_obj
def silence(
    sources: Sources, duration: timedelta, channel: str | None, reason: str, longer_than_a_day: bool, by: str
) -> None:
    """Hold back all alerts for a while, critical ones too. At the end one digest lists them.

    No alert is lost. The start and the end are posted, and fallbacks wait until the end.
    """
    from brentwatch.commands.alerts.describing import describe_silence
    from brentwatch.commands.alerts.notifier import Notifier

    if duration > _DAY and not longer_than_a_day:
        raise click.UsageError(
            f"--for is {duration}; expected at most 24h: shorten it, or add --longer-than-a-day"
        )
    if len(reason) > _LONGEST_REASON:
        raise click.UsageError(f"--reason has {len(reason)} characters; expected at most {_LONGEST_REASON}")
    notifier = Notifier(sources)
    until = datetime.now(UTC) + duration
    answer = _build_answer(AnswerKind.SILENCE, by, channel=channel, until=until, reason=reason)
    if _send(notifier, answer) is None:
        return
    made = notifier.values["silence"].get(answer.id)
    if made is None:
        raise NothingMatched(
            "the silence ended before it was recorded: the clocks of this machine and of the broker differ"
        )
    click.echo(describe_silence(answer.id, made))
    click.echo(f"to end it: brentwatch alerts unsilence {answer.id[:8]}")


@click.command("unsilence", cls=Command, short_help="End a silence now.")
@click.argument("prefix", metavar="[SILENCE]", required=False)
@_by
@click.pass_obj
def unsilence(sources: Sources, prefix: str | None, by: str) -> None:
    """End a silence now (default: all silences). What was held back is sent as one digest.

    `brentwatch alerts channels` lists the silences.
    """
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.notify.listing import count_held

    notifier = Notifier(sources)
    before = notifier.values
    if not before["silence"]:
        raise NothingMatched("no silence is active")
    ids = {name: name for name in before["silence"]}
    which = "" if prefix is None else choose(ids, prefix, "silence", "brentwatch alerts channels")
    if _send(notifier, _build_answer(AnswerKind.UNSILENCE, by, reason=which)) is None:
        return
    ended = len(before["silence"].keys() - notifier.values["silence"].keys())
    freed = count_held(before) - count_held(notifier.values)
    counts = ", ".join(f"{channel} {count}" for channel, count in sorted(freed.items()))
    held = f"the alerts held back are sent as digests: {counts}" if counts else "nothing was held back"
    click.echo(f"{_count(ended, 'silence')} ended; {held}")


def _open_thread(sources: Sources, prefix: str) -> tuple[Notifier, str]:
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.notify.listing import map_ids

    notifier = Notifier(sources)
    return notifier, choose(map_ids(notifier.values), prefix, "alert", "brentwatch alerts list")


def _get_thread(values: Values, name: str) -> AlertThread:
    thread: AlertThread = values["thread"][name]
    return thread


def _build_answer(
    kind: AnswerKind,
    by: str,
    *,
    thread: str | None = None,
    channel: str | None = None,
    until: datetime | None = None,
    reason: str = "",
) -> AnswerRecord:
    return AnswerRecord(
        id=uuid.uuid4().hex,
        answer=kind,
        at=datetime.now(UTC),
        by=by,
        via="command line",
        thread=thread,
        channel=channel,
        until=until,
        reason=reason,
    )


def _send(notifier: Notifier, answer: AnswerRecord) -> set[str] | None:
    """What changed; None, after a note, if the notifier has not read the answer."""
    changed = notifier.tell(answer)
    if changed is None:
        why = (
            "has not read it yet" if notifier.is_running() else f"is not running; start it: {notifier.start}"
        )
        click.echo(f"recorded; it takes effect when the notifier reads it. The notifier {why}")
    return changed


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

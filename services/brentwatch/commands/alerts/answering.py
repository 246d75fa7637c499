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

_by = click.option("--by", callback=find_person, metavar="NAME", help="Who answers [your login].")
_channel = click.option(
    "--channel", type=click.Choice(list(CHANNELS)), metavar="CHANNEL", help="This channel alone."
)
_id = click.argument("prefix", metavar="ID")


@click.command("ack", cls=Command, short_help="Acknowledge an alert: its fallbacks stop.")
@_id
@_by
@click.pass_obj
def acknowledge(sources: Sources, prefix: str, by: str) -> None:
    """Acknowledge an alert: no fallback channel is sent it, and channels that can edit say who did."""
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


@click.command("feedback", cls=Command, short_help="Say whether an alert was useful or a false alarm.")
@_id
@click.argument("verdict", type=click.Choice(["useful", "false"]))
@_by
@click.pass_obj
def feedback(sources: Sources, prefix: str, verdict: str, by: str) -> None:
    """Say whether an alert was useful or a false alarm; your last word counts."""
    from brentwatch.notify.values import Totals

    notifier, thread = _open_thread(sources, prefix)
    kind = AnswerKind.USEFUL if verdict == "useful" else AnswerKind.FALSE_ALARM
    if _send(notifier, _build_answer(kind, by, thread=thread)) is None:
        return
    severity = _get_thread(notifier.values, thread).severity
    totals: Totals = notifier.values["totals"].get("", Totals())
    count, useful = totals.feedback.get(severity.value, (0, 0))
    told = "useful" if verdict == "useful" else "a false alarm"
    click.echo(f"recorded as {told}; {severity} alerts so far: {useful} useful of {count}")


@click.command("resend", cls=Command, short_help="Send an alert again.")
@_id
@_channel
@_by
@click.pass_obj
def resend(sources: Sources, prefix: str, channel: str | None, by: str) -> None:
    """Send the newest revision of an alert again, as a new message, to the channels that have it."""
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
        f"the notifier does not use channel {channel}; `brentwatch alerts channels` lists those that it uses"
        if channel
        else "no channel has this alert, other than in a digest: name one with --channel"
    )
    raise NothingMatched(f"nothing was sent again: {why}")


@click.command("silence", cls=Command, short_help="Hold back all alerts for a while.")
@click.option(
    "--for", "duration", required=True, callback=parse_duration, metavar="DURATION", help="Such as 30m or 2h."
)
@_channel
@click.option("--reason", default="", metavar="TEXT", help="Why; it is posted.")
@click.option("--longer-than-a-day", is_flag=True, help="Allow more than 24 hours.")
@_by
@click.pass_obj
def silence(
    sources: Sources, duration: timedelta, channel: str | None, reason: str, longer_than_a_day: bool, by: str
) -> None:
    """Hold back all alerts for a while, critical ones too; at its end one digest says what happened.

    Nothing is lost. Its start and its end are posted, and fallbacks wait for its end.
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
            "the silence ended before it was recorded: compare the clock of this machine with the broker's"
        )
    click.echo(describe_silence(answer.id, made))
    click.echo(f"end it: brentwatch alerts unsilence {answer.id[:8]}")


@click.command("unsilence", cls=Command, short_help="End a silence now.")
@click.argument("prefix", metavar="[SILENCE]", required=False)
@_by
@click.pass_obj
def unsilence(sources: Sources, prefix: str | None, by: str) -> None:
    """End a silence now, or all of them; what was held back is sent as one digest.

    `brentwatch alerts channels` lists the silences.
    """
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.notify.listing import count_held

    notifier = Notifier(sources)
    before = notifier.values
    if not before["silence"]:
        raise NothingMatched("there is no silence to end")
    ids = {name: name for name in before["silence"]}
    which = "" if prefix is None else choose(ids, prefix, "silence", "brentwatch alerts channels")
    if _send(notifier, _build_answer(AnswerKind.UNSILENCE, by, reason=which)) is None:
        return
    ended = len(before["silence"].keys() - notifier.values["silence"].keys())
    freed = count_held(before) - count_held(notifier.values)
    told = ", ".join(f"{channel} {count}" for channel, count in sorted(freed.items()))
    held = f"alerts that were held back are sent as digests: {told}" if told else "nothing was held back"
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
    """What changed; None, and said so, where the notifier has not taken the answer."""
    changed = notifier.tell(answer)
    if changed is None:
        why = (
            "has not read it yet" if notifier.is_running() else f"is not running; start it: {notifier.start}"
        )
        click.echo(f"recorded, and takes effect when the notifier reads it: it {why}")
    return changed


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""What each receiver got, as `golden/WAY.txt`: `python -m tests.notify.channels.golden` writes them anew.

Read the difference as a trader would before it is committed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from msgspec import Raw
from tests.message.golden import FEEDBACK, RECORD
from tests.notify import alerts
from tests.notify.channels.receptions import RECEPTIONS, Reception
from tests.notify.memory import MemoryChannel

from brentwatch.core.domain import Severity
from brentwatch.message.alert_text import write_alert_text
from brentwatch.message.words import write_detail
from brentwatch.notify.composing import compose_message
from brentwatch.notify.messages import Message, Revisions
from brentwatch.notify.policy import ChannelSettings
from brentwatch.notify.sample import compose_sample
from brentwatch.notify.values import Pending
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert
    from brentwatch.notify.messages import Channel

FOLDER = Path(__file__).parent / "golden"
NOON = datetime(2019, 9, 16, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
ACKNOWLEDGED = "Acknowledged by Ann at 16:40 UTC, 16 September"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One message, whose thread may have begun with the alert `before`.

    One that does not ping goes only to channels that can edit, as in the notifier.
    """

    sent: Alert | None
    before: Alert | None = None
    pings: bool = True
    note: str = ""
    is_full: bool = False
    is_plain: bool = False


CASES = {
    "critical": Case(sent=alerts.CASES["critical"]),
    "high": Case(sent=alerts.CASES["high"]),
    "medium": Case(sent=alerts.CASES["medium"]),
    "info": Case(sent=alerts.CASES["info"]),
    "heads-up": Case(sent=alerts.CASES["heads_up"]),
    "heads-up that became an alert": Case(sent=alerts.CASES["reopen"], before=alerts.CASES["heads_up"]),
    "heads-up that ended quietly": Case(
        sent=alerts.CASES["ended_quietly"], before=alerts.CASES["heads_up"], pings=False
    ),
    "within the session": Case(sent=alerts.CASES["intraday"]),
    "settlement after a re-open": Case(sent=alerts.CASES["settled_calm"], before=alerts.CASES["reopen"]),
    "update, more severe": Case(sent=alerts.CASES["update"], before=alerts.CASES["high"]),
    "acknowledged": Case(
        sent=alerts.CASES["critical"], before=alerts.CASES["critical"], note=ACKNOWLEDGED, pings=False
    ),
    "withdrawn": Case(sent=alerts.CASES["withdrawn_move"], before=alerts.CASES["critical"]),
    "closed": Case(sent=alerts.CASES["final"], before=alerts.CASES["critical"]),
    "with detail": Case(sent=alerts.CASES["critical"], is_full=True),
    "plain, after the formatting was refused": Case(sent=alerts.CASES["critical"], is_plain=True),
    "notice": Case(sent=None),
}


def describe_sends(name: str, folder: Path) -> str:
    """The file of one way to send: for each case what came."""
    with RECEPTIONS[name](folder) as reception:
        told = [_describe_case(reception, title, case) for title, case in CASES.items()]
        told.append(_describe_sent(reception, "test", compose_test(reception.channel)))
    return "\n".join(filter(None, told))


def _describe_case(reception: Reception, title: str, case: Case) -> str:
    channel, root = reception.channel, None
    if not case.pings and channel.revisions is not Revisions.EDIT:
        return ""
    if case.before is not None:
        first = compose(channel, Case(sent=case.before), None)
        root = channel.send(first).message_id or first.id
    return _describe_sent(reception, title, compose(channel, case, root))


def _describe_sent(reception: Reception, title: str, message: Message) -> str:
    known = len(reception.describe())
    reception.channel.send(message)
    return "\n".join([f"=== {title} ===", *(f"{each}\n" for each in reception.describe()[known:])])


def compose(channel: Channel, case: Case, root: str | None) -> Message:
    """The message of a case, as the notifier composes it; its picture is a small one, which is not drawn."""
    if case.sent is None:
        return _compose(_record_notice(), "silence:1:end", None)
    alert = case.sent
    pending = _record(alert, case)
    message = _compose(pending, f"{alert.alert_id}:{alert.revision}", root)
    detail = tuple(write_detail(alert, RECORD, FEEDBACK)) if case.is_full else ()
    return replace(_add_picture(channel, message), detail=detail, is_plain=case.is_plain)


def compose_test(channel: Channel) -> Message:
    """The message of `brentwatch alerts test`."""
    message, _ = compose_sample("any", MemoryChannel(), ChannelSettings(), "test-01234567", NOON)
    return _add_picture(channel, message)


def _compose(pending: Pending, name: str, root: str | None) -> Message:
    message, _ = compose_message(f"any:{name}", pending, ChannelSettings(), MemoryChannel(), root)
    return message


def _add_picture(channel: Channel, message: Message) -> Message:
    return replace(message, png=PNG) if channel.shows_chart else message


def _record(alert: Alert, case: Case) -> Pending:
    return Pending(
        channel="any",
        thread=alert.alert_id,
        recorded_at=NOON,
        severity=alert.severity,
        alert=Raw(encode_alert(alert, write_alert_text(alert))),
        pings=case.pings,
        note=case.note,
    )


def _record_notice() -> Pending:
    return Pending(
        channel="any",
        thread="silence:1:end",
        recorded_at=NOON,
        severity=Severity.INFO,
        lock_screen="Silence ended: nothing happened meanwhile",
        card="Silence ended: nothing happened meanwhile",
    )


def name_file(way: str) -> Path:
    """Where the file of a way to send is."""
    return FOLDER / f"{way}.txt"


def main() -> None:
    """Write every file anew, and remove those of no channel."""
    FOLDER.mkdir(exist_ok=True)
    for way in RECEPTIONS:
        with TemporaryDirectory() as folder:
            name_file(way).write_text(describe_sends(way, Path(folder)), encoding="utf-8")
    for file in FOLDER.glob("*.txt"):
        if file.stem not in RECEPTIONS:
            file.unlink()


if __name__ == "__main__":
    main()

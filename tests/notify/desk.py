"""The notifier's fold in the hands of a test: routes, a clock, and what people and channels do."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Raw
from tests.notify.alerts import ALERT

from brentwatch.core.domain import Alert, Severity
from brentwatch.notify import values
from brentwatch.notify.fold import step
from brentwatch.notify.messages import Revisions
from brentwatch.notify.policy import ChannelSettings
from brentwatch.notify.stages import Policies, Route
from brentwatch.notify.values import AlertThread, Pending, Timer, Totals, View
from brentwatch.wire.deliveries import (
    AlertRecord,
    AnswerKind,
    AnswerRecord,
    AttemptOutcome,
    AttemptRecord,
    DeliveryRecord,
    DueRecord,
)
from brentwatch.wire.published import encode_alert

NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
THREAD = ALERT.alert_id


def make_route(
    name: str = "chat",
    revisions: Revisions = Revisions.EDIT,
    *,
    minimum: Severity = Severity.MEDIUM,
    is_fallback_only: bool = False,
    **settings: Any,
) -> Route:
    """A route with these settings."""
    return Route(
        name=name,
        settings=ChannelSettings(**settings),
        revisions=revisions,
        minimum=minimum,
        is_fallback_only=is_fallback_only,
    )


def make_policies(*routes: Route, zone: str = "UTC") -> Policies:
    """The policies of these routes; an alert of more than six hours is no news."""
    named = {route.name: route for route in routes or (make_route(),)}
    return Policies(routes=named, zone=ZoneInfo(zone), longest_age=timedelta(hours=6))


def make_alert_record(alert: Alert, published_at: datetime) -> AlertRecord:
    """The record of an alert without words: the notifier makes them."""
    return AlertRecord(alert=Raw(encode_alert(alert)), published_at=published_at, offset=0)


class Desk:
    """The state after each record; `now` is the append time of the next one."""

    def __init__(self, *routes: Route, zone: str = "UTC") -> None:
        self.policies = make_policies(*routes, zone=zone)
        self.values = values.create_values()
        self.now = NOON
        self.number = 0

    def take(self, record: DeliveryRecord) -> None:
        """Step over a record."""
        view = View(self.values)
        step(view, self.policies, record, self.now)
        values.apply_changes(self.values, view.changes)

    def publish(self, *alerts: Alert, age: timedelta = timedelta()) -> None:
        """Alerts were published, so long ago."""
        for alert in alerts:
            self.take(make_alert_record(alert, self.now - age))

    def answer(self, kind: AnswerKind, **known: Any) -> None:
        """A person answers."""
        given = {"id": "answer", "by": "anna", "via": "command", "thread": THREAD} | known
        self.take(AnswerRecord(answer=kind, at=self.now, **given))

    def silence(self, hours: float = 2, **known: Any) -> None:
        """A silence of so many hours begins."""
        until = self.now + timedelta(hours=hours)
        self.answer(AnswerKind.SILENCE, until=until, **{"id": "lunch", "thread": None} | known)

    def attempt(self, name: str, outcome: AttemptOutcome, **known: Any) -> AttemptRecord:
        """An attempt to send a delivery has ended."""
        pending = self.pending.get(name)
        self.number += 1
        given: dict[str, Any] = {
            "delivery": name,
            "channel": name.split(":")[0],
            "thread": pending.thread if pending else THREAD,
            "number": self.number,
            "outcome": outcome,
            "at": self.now,
            "latency_seconds": 0.1,
            "replica": "one",
            "run": "first",
            "message_id": f"m-{self.number}" if outcome is AttemptOutcome.ACCEPTED else "",
        } | known
        record = AttemptRecord(**given)
        self.take(record)
        return record

    def accept(self) -> None:
        """Everything that is pending is accepted."""
        for name in list(self.pending):
            self.attempt(name, AttemptOutcome.ACCEPTED)

    def pass_time(self, **passed: float) -> None:
        """Time passes, and each timer that it passes is recorded when it is due."""
        end = self.now + timedelta(**passed)
        while due := sorted((timer.at, name) for name, timer in self.timers.items() if timer.at <= end):
            self.now = max(self.now, due[0][0])
            for at, name in due:
                if at <= self.now:
                    self.take(DueRecord(timer=name, at=at))
        self.now = end

    @property
    def pending(self) -> dict[str, Pending]:
        """The deliveries that have not ended."""
        return self.values["delivery"]

    @property
    def timers(self) -> dict[str, Timer]:
        """What is due some time."""
        return self.values["timer"]

    @property
    def thread(self) -> AlertThread:
        """The thread of the usual alert."""
        found: AlertThread = self.values["thread"][THREAD]
        return found

    @property
    def totals(self) -> Totals:
        """All counts."""
        found: Totals = self.values["totals"].get("", Totals())
        return found

    def expect_sum(self) -> None:
        """What was recorded is pending or has ended, for each channel."""
        for channel, recorded in self.totals.recorded.items():
            waiting = sum(each.channel == channel for each in self.pending.values())
            assert recorded == waiting + sum(self.totals.ended.get(channel, {}).values()), channel

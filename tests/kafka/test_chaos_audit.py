"""The verdict on the notifier sees every fault: each is made once, of a run in which all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from tests.kafka.chaos.audit import Audit, compare_all
from tests.kafka.chaos.desks import mark
from tests.notify.alerts import tested_alert
from tests.notify.desk import NOON, make_alert_record, make_policies, make_route

from brentwatch.notify import values
from brentwatch.notify.messages import Revisions
from brentwatch.wire.deliveries import AttemptOutcome, AttemptRecord, DeliveryRecord

POLICIES = make_policies(make_route("webhook", Revisions.EVERY), make_route("slack"))
PUBLISHED = frozenset({("1", 1), ("2", 1), ("2", 2)})


@dataclass
class Got:
    """What a receiver counts."""

    got: Counter[str]
    edits: Counter[str] = field(default_factory=Counter)
    resets: int = 0
    requests: int = 0


class Run:
    """Three revisions of two alerts to two channels, each accepted once."""

    def __init__(self) -> None:
        self.audit, self.now = Audit(), NOON
        for thread, revision in sorted(PUBLISHED):
            published = replace(tested_alert(p=0.009 / revision), alert_id=thread, revision=revision)
            self.take(make_alert_record(published, self.now))
            for channel in ("webhook", "slack"):
                self.take(self.accept(f"{channel}:{thread}:{revision}", thread))
        self.state = deepcopy(self.audit.values)
        self.published = PUBLISHED
        self.desks = {
            "webhook": Got(Counter({"1:1": 1, "2:1": 1, "2:2": 1})),
            "slack": Got(Counter({"1:1": 1, "2:1": 1}), Counter({"2:2": 1})),
        }
        self.metrics = "".join(
            f'brentwatch_deliveries{{channel="{channel}",state="{state}"}} {3.0 * (state == "accepted")}\n'
            for channel in self.desks
            for state in ("pending", *values.ENDS)
        )
        self.metrics += "".join(
            f'brentwatch_delivery_copies{{channel="{channel}"}} 0.0\n' for channel in self.desks
        )

    def take(self, record: DeliveryRecord) -> None:
        self.now += timedelta(seconds=1)
        self.audit.take(record, self.now, POLICIES)

    def accept(self, name: str, thread: str) -> AttemptRecord:
        return AttemptRecord(
            delivery=name,
            channel=name.partition(":")[0],
            thread=thread,
            number=self.audit.accepted.total() + 1,
            outcome=AttemptOutcome.ACCEPTED,
            at=self.now,
            latency_seconds=0.1,
            replica="one",
            run="first",
        )

    def judge(self) -> list[str]:
        desks = cast("Any", self.desks)
        return compare_all(self.audit, self.state, self.published, desks, 1, self.metrics).faults


def test_a_run_in_which_all_is_well_has_no_fault() -> None:
    assert Run().judge() == []
    assert mark(2, 1) == "Alert 0002.1"


def lose_an_alert(run: Run) -> None:
    run.published |= {("3", 1)}


def lose_a_message(run: Run) -> None:
    del run.desks["webhook"].got["2:1"]


def lose_an_edit(run: Run) -> None:
    run.desks["slack"].edits.clear()


def send_too_many_copies(run: Run) -> None:
    run.desks["webhook"].got["1:1"] += 2


def send_too_many_roots(run: Run) -> None:
    run.desks["slack"].got["2:1"] += 2


def leave_one_pending(run: Run) -> None:
    run.take(make_alert_record(replace(tested_alert(), alert_id="4"), run.now))


def drop_one_silently(run: Run) -> None:
    del run.audit.deliveries["slack:1:1"]


def spoil_the_state(run: Run) -> None:
    run.state["thread"].pop("1")


def show_another_count(run: Run) -> None:
    run.metrics = run.metrics.replace("3.0", "4.0", 1)


def show_no_copies(run: Run) -> None:
    run.metrics = run.metrics.replace("delivery_copies", "other")


@pytest.mark.parametrize(
    "spoil",
    [
        lose_an_alert,
        lose_a_message,
        lose_an_edit,
        send_too_many_copies,
        send_too_many_roots,
        leave_one_pending,
        drop_one_silently,
        spoil_the_state,
        show_another_count,
        show_no_copies,
    ],
)
def test_each_fault_is_seen(spoil: Callable[[Run], None]) -> None:
    run = Run()
    spoil(run)
    assert run.judge()

"""The doctor looks at the ACLs of every service, those that fetch from outside among them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from tests.core.within_desk import FRONT

from brentwatch.commands.run import SERVICES
from brentwatch.core.instruments import BRENT_SPOT
from brentwatch.stream.checkup import CHECKS, Level, Patient
from brentwatch.stream.grants import grants
from brentwatch.stream.settings import KafkaSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.stream.clients.admin import Admin


class Nobody:
    """An administrator who is allowed nothing but to look."""

    def allowed(self, names: Iterable[str]) -> dict[str, frozenset[str]]:
        return {name: frozenset({"DESCRIBE"}) for name in names}

    def allowed_on_group(self, _: str) -> frozenset[str]:
        return frozenset()


def test_the_false_alarms_that_the_levels_imply_are_told_and_when_tests_within_the_session_start() -> None:
    patient = Patient(
        kafka=KafkaSettings(),
        admin=cast("Admin", Nobody()),
        instruments=(BRENT_SPOT, FRONT),
        services={},
        authorized=(),
        now=datetime(2024, 1, 1, tzinfo=UTC),
    )
    assert [each.said for each in CHECKS["false alarms"](patient)] == [
        "brent-spot: at most 2.5 false alarms a year",
        "brent-front: at most 2.5 false alarms a year; "
        "tests within the session start at 40 sessions of bars, flagged below 120",
    ]


def test_what_is_forbidden_to_any_service_is_told() -> None:
    kafka = KafkaSettings()
    patient = Patient(
        kafka=kafka,
        admin=cast("Admin", Nobody()),
        instruments=(),
        services={},
        authorized=tuple(SERVICES),
        now=datetime(2024, 1, 1, tzinfo=UTC),
    )
    said = [each.said for each in CHECKS["security"](patient) if each.level is Level.WARN]
    for service in SERVICES:
        told = [line for line in said if f"; {service} wants it: " in line]
        rows = [grant for grant in grants(kafka)[service] if not grant.prefixed]
        assert len(told) == sum(len(grant.operations) for grant in rows) > 0

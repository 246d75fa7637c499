"""A replay as data: one JSON object a line, whose `kind` is event, session, study or alert.

A replay that tested nothing ends with an object of the kind verdict.

Studies and alerts are identical to the records on the Kafka topics, with their kind in front.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from brentwatch.core import domain
from brentwatch.history.event_files import DeadLetter
from brentwatch.message.alert_text import write_alert_text
from brentwatch.wire.published import encode_alert, encode_study

if TYPE_CHECKING:
    from brentwatch.replay.turns import Turn

_encode = msgspec.json.Encoder().encode


def encode_unreadable(letters: Iterable[DeadLetter]) -> Iterator[bytes]:
    """The lines of a history that hold no event."""
    for letter in letters:
        yield _encode(
            {
                "kind": "event",
                "outcome": "invalid",
                "line": letter.line,
                "reason": letter.reason,
                "faults": letter.faults,
                "original": letter.original.decode("utf-8", "replace"),
            }
        )


def encode_turn(turn: Turn) -> Iterator[bytes]:
    """What one signal led to."""
    for effect in turn.effects:
        yield from _encode_effect(turn.signal, effect)


def encode_nothing_tested(reason: str) -> bytes:
    """The last line of a replay without a test; its other lines do not show that there is no result."""
    return _encode({"kind": "verdict", "tested": 0, "reason": reason})


def _encode_effect(signal: domain.Signal, effect: domain.Effect) -> Iterator[bytes]:
    match effect:
        case domain.PublishStudy(study=study):
            yield _add_kind(b"study", encode_study(study))
        case domain.PublishAlert(alert=alert):
            yield _add_kind(b"alert", encode_alert(alert, write_alert_text(alert)))
        case domain.Noted(fact=fact):
            yield from (_encode(document) for document in _describe_fact(signal, fact))


def _add_kind(kind: bytes, document: bytes) -> bytes:
    return b'{"kind":"' + kind + b'",' + document[1:]


def _describe_fact(signal: domain.Signal, fact: domain.Fact) -> Iterator[Mapping[str, object]]:
    match fact, signal:
        case domain.EventSeen(), domain.EventAdmitted():
            yield _describe_event(signal, fact)
        case domain.SessionDecided(), _:
            yield {
                "kind": "session",
                "series": fact.series,
                "session": fact.session,
                "outcome": fact.outcome,
                "p": fact.p,
                "detail": fact.detail,
            }
        case ((domain.BarSeen() | domain.CanarySeen() | domain.EventSeen()), _):
            return


def _describe_event(signal: domain.EventAdmitted, fact: domain.EventSeen) -> Mapping[str, object]:
    event, exposure = signal.event, signal.exposure
    return {
        "kind": "event",
        "event_id": event.event_id,
        "revision": event.revision,
        "outcome": fact.outcome,
        "detail": fact.detail,
        "status": event.status,
        "known_at": event.known_at,
        "country": event.country,
        "extra_countries": event.extra_countries,
        "place": event.place,
        "event_class": event.event_class,
        "summary": event.summary,
        "verification": event.verification,
        "source": event.source,
        "exposure": None if exposure is None else exposure.weight,
        "production_kbd": None if exposure is None else exposure.production_kbd,
        "transit_kbd": None if exposure is None else exposure.transit_kbd,
    }

"""One step of the fold together with the documents that it publishes, words and all: both, or neither.

What cannot be published (a number that JSON cannot hold, a year out of bounds, a text that is too long) is
found here, before the state moves. Live and replayed signals take this one way, so both reject the same ones.
"""

from dataclasses import dataclass
from typing import assert_never

from brentwatch.core.domain import Effect, Noted, PriceUpdate, PublishAlert, PublishStudy, Signal
from brentwatch.core.errors import STOPPING, CannotFold
from brentwatch.core.monitor.machine import step
from brentwatch.core.monitor.state import State
from brentwatch.message.alert_text import write_alert_text
from brentwatch.wire.published import encode_alert, encode_study


@dataclass(frozen=True, slots=True)
class Folded:
    """The state after a signal, and what it led to, in order, each with its document if it is published."""

    state: State
    effects: tuple[tuple[Effect, bytes | None], ...]


def fold(state: State, signal: Signal) -> Folded:
    """The state after `signal`, and what is to be published because of it.

    Raises:
        InvalidMessage: if what an event leads to cannot be published.
        CannotFold: if `signal` is a price update, and anything goes wrong with it. An event that brings about
            an unexpected error raises that error.
    """
    try:
        after, effects = step(state, signal)
        return Folded(after, tuple((effect, _encode_document(effect)) for effect in effects))
    except STOPPING:
        raise
    except Exception as error:
        if isinstance(signal, PriceUpdate):
            raise CannotFold(
                f"a price update of {signal.series}, known at {signal.known_at.isoformat()}, cannot be "
                f"folded ({type(error).__name__}: {error}); without it every later result would be wrong"
            ) from error
        raise


def _encode_document(effect: Effect) -> bytes | None:
    match effect:
        case PublishStudy(study=study):
            return encode_study(study)
        case PublishAlert(alert=alert):
            return encode_alert(alert, write_alert_text(alert))
        case Noted():
            return None
        case _:
            assert_never(effect)

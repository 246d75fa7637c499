"""Ids are derived from what a thing is, never from the code that made it: a study has one id in every run."""

from datetime import date, datetime
from hashlib import sha256

from brentwatch.core.domain import Window

_LENGTH = 20


def study_id(instrument: str, session: date, window: Window, model: str) -> str:
    """The id of the study of (instrument, session, window, model)."""
    return _derive_id("study", instrument, session.isoformat(), f"{window.start},{window.end}", model)


def study_within_id(instrument: str, session: date, window: str, model: str, begins_at: datetime) -> str:
    """The id of the study of a window within a session; its first bar begins at `begins_at`."""
    return _derive_id("study", instrument, session.isoformat(), window, model, begins_at.isoformat())


def alert_id(instrument: str, session: date) -> str:
    """The id of the alert of (instrument, session)."""
    return _derive_id("alert", instrument, session.isoformat())


def _derive_id(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:_LENGTH]

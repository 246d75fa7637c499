"""Brings an opening up to date: its studies, and its alert if it has one; what says the same stays unsaid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from brentwatch.core.domain.effects import PublishAlert, PublishStudy
from brentwatch.core.monitor.intraday.policy import revised_alert
from brentwatch.core.monitor.intraday.studies import studies
from brentwatch.core.monitor.references import with_list
from brentwatch.core.monitor.studies import published

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.domain.alerts import Cause
    from brentwatch.core.domain.effects import Effect
    from brentwatch.core.monitor.publishing import Step
    from brentwatch.core.monitor.state import Opening


def refresh(step: Step, opening: Opening, cause: Cause, known_at: datetime) -> Step:
    """Publish what is new of an opening, which the state then holds in its new version."""
    state = step.state
    listed = with_list(state, opening.record)
    asked = replace(opening, record=replace(listed, known_at=max(listed.known_at, known_at)))
    told = published(asked.record, studies(state, asked))
    answered = replace(asked, record=told.record)
    alert = revised_alert(answered, state.rules.instrument, cause)
    kept = replace(answered, record=replace(told.record, alert=alert or told.record.alert))
    effects: list[Effect] = [PublishStudy(study) for study in told.news]
    effects += [PublishAlert(alert)] if alert is not None else []
    return step.at(replace(state, intraday=state.intraday.with_opening(kept))).then(effects)

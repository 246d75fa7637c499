"""Brings an opening up to date: its studies, and its alert if it has one; what says the same stays unsaid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from brentwatch.core.domain.effects import PublishAlert, PublishStudy
from brentwatch.core.monitor.intraday.policy import revise_alert
from brentwatch.core.monitor.intraday.studies import build_studies
from brentwatch.core.monitor.references import fill_list
from brentwatch.core.monitor.studies import collect_news

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.domain.alerts import Cause
    from brentwatch.core.domain.effects import Effect
    from brentwatch.core.monitor.publishing import Step
    from brentwatch.core.monitor.state import Opening


def refresh(step: Step, opening: Opening, cause: Cause, known_at: datetime) -> Step:
    """Publish what is new of an opening, which the state then holds in its new version."""
    state = step.state
    listed = fill_list(state, opening.record)
    asked = replace(opening, record=replace(listed, known_at=max(listed.known_at, known_at)))
    told = collect_news(asked.record, build_studies(state, asked))
    answered = replace(asked, record=told.record)
    alert = revise_alert(answered, state.rules.instrument, cause)
    kept = replace(answered, record=replace(told.record, alert=alert or told.record.alert))
    effects: list[Effect] = [PublishStudy(study) for study in told.news]
    effects += [PublishAlert(alert)] if alert is not None else []
    return step.move_to(replace(state, intraday=state.intraday.set_opening(kept))).add_effects(effects)

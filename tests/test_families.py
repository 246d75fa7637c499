"""Nobody forgets a feed or a provider: each is in the tables of the tests that all of them go through."""

from __future__ import annotations

from pydantic import BaseModel
from tests.ingest.test_mutated_answers import SOURCES
from tests.prices.answers import RAW
from tests.prices.test_mutated_answers import ROUNDS
from tests.web.test_addresses import SECTIONS

from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.ingest.settings import IngestSettings
from brentwatch.prices.providers.settings import ProviderSettings
from brentwatch.prices.providers.table import PROVIDERS


def sections(settings: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The parts of the settings that are settings of one thing."""
    kinds = {name: field.annotation for name, field in settings.model_fields.items()}
    return {
        name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, BaseModel)
    }


def test_the_answers_of_every_feed_and_provider_over_http_are_mutated() -> None:
    assert SOURCES.keys() == FEEDS.keys() - {"file"}
    assert ROUNDS.keys() == RAW.keys() == PROVIDERS.keys() - {"file"}


def test_every_address_of_the_settings_is_tried_with_what_may_never_be_asked() -> None:
    asked = sections(IngestSettings) | sections(ProviderSettings)
    assert {name for name, kind in asked.items() if "url" in kind.model_fields} <= SECTIONS.keys()


def test_every_feed_has_settings_that_say_how_often_it_is_asked() -> None:
    known = sections(IngestSettings)
    assert all("every_seconds" in known[name].model_fields for name in FEEDS)

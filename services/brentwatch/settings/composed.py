"""All settings in one frozen whole: a section for every room, and the instruments."""

from pydantic import field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from brentwatch.canary.settings import CanarySettings
from brentwatch.core.domain import Instrument
from brentwatch.ingest.settings import IngestSettings
from brentwatch.notify.settings import NotifySettings
from brentwatch.prices.providers.settings import PlainName
from brentwatch.prices.settings import PricesSettings
from brentwatch.screen.settings import ScreenSettings
from brentwatch.settings.instruments import (
    DEFAULT_INSTRUMENTS,
    ONE_PARTITION_EACH,
    SHARED,
    InstrumentSettings,
    find_shared_partitions,
)
from brentwatch.stream import KafkaSettings
from brentwatch.telemetry.settings import TelemetrySettings


class Settings(BaseSettings):
    """Every setting, checked.

    Made directly it holds defaults and what is given in the call; `brentwatch.settings.load` reads the
    command line, the environment and the file. The instruments are those named there; `brent-front` and
    `brent-spot`, which then opens no alerts, where none is.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    kafka: KafkaSettings = KafkaSettings()
    ingest: IngestSettings = IngestSettings()
    screen: ScreenSettings = ScreenSettings()
    notify: NotifySettings = NotifySettings()
    prices: PricesSettings = PricesSettings()
    canary: CanarySettings = CanarySettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    instruments: dict[PlainName, InstrumentSettings] = DEFAULT_INSTRUMENTS

    @field_validator("instruments", mode="after")
    @classmethod
    def _check_instruments(cls, instruments: dict[str, InstrumentSettings]) -> dict[str, InstrumentSettings]:
        if shared := find_shared_partitions({name: chosen.partition for name, chosen in instruments.items()}):
            raise PydanticCustomError(
                SHARED, "{expected}, not {shared}", {"expected": ONE_PARTITION_EACH, "shared": str(shared)}
            )
        return instruments

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given in the call: nothing is read where nobody asked for it."""
        return (init_settings,)

    def list_instruments(self) -> tuple[Instrument, ...]:
        """The instruments of the core, by partition."""
        chosen = [settings.build_instrument(name) for name, settings in self.instruments.items()]
        return tuple(sorted(chosen, key=lambda instrument: instrument.partition))

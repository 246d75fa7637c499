"""Reads the settings once: flags over environment over file over defaults, checked whole, with origins."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from brentwatch.core.errors import SettingsError
from brentwatch.settings.composed import Settings
from brentwatch.settings.fields import find_type, fit_value, is_list, is_secret, list_values
from brentwatch.settings.instruments import BUILT_IN
from brentwatch.settings.origins import Default, Environment, Flag, Key, Layer, Origin, SettingEntry, Sources
from brentwatch.settings.refusals import (
    describe_faults,
    find_secrets_in_flags,
    find_strayed_secrets,
    find_unknown_feeds,
)
from brentwatch.settings.variables import sift
from brentwatch.web.secrets import HIDDEN, hide_credentials


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of the settings as it may be shown: secrets as "***"."""

    key: str
    value: object
    origin: Origin


@dataclass(frozen=True, slots=True)
class Loaded:
    """Checked settings and where each given value came from."""

    settings: Settings
    origins: Mapping[Key, Origin]

    def show_values(self) -> Iterator[Shown]:
        """Every value in the order of the sections."""
        for key, value in list_values(self.settings):
            shown = hide_credentials(value) if isinstance(value, str) else value
            hidden = is_secret(Settings, key) and value is not None
            yield Shown(".".join(key), HIDDEN if hidden else shown, self.origins.get(key, Default()))


def load(sources: Sources, environment: Mapping[str, str] | None = None) -> Loaded:
    """The settings of this run.

    Args:
        sources: what the command line says.
        environment: the variables to read, by default those of this process.

    Raises:
        SettingsError: with one sentence for every fault in any of the places.
    """
    layers = _read_layers(sources, os.environ if environment is None else environment)
    given = _merge_layers((*layers, _complete_instruments(layers)))
    refused = (*find_secrets_in_flags(layers[0]), *find_strayed_secrets(given), *find_unknown_feeds(given))
    try:
        settings = _build_settings(*layers, _complete_instruments(layers))
    except ValidationError as error:
        raise SettingsError(*describe_faults(error, Settings, given), *refused) from None
    if refused:
        raise SettingsError(*refused)
    return Loaded(settings, {key: entry.origin for key, entry in given.items()})


def _read_layers(sources: Sources, environment: Mapping[str, str]) -> tuple[Layer, ...]:
    """Flags, environment and file, without the variables that are not settings."""
    flags, variables, file = sources.read_layers(environment)
    kept, ignored = sift(variables, Settings)
    if ignored:
        sources.warn(
            f"warning: ignored {', '.join(ignored)}: not a setting, nor a misspelt one "
            "(`brentwatch config show` lists the settings; in Kubernetes, enableServiceLinks: false keeps "
            "the variables of services out of a pod)"
        )
    return flags, kept, file


def _merge_layers(layers: tuple[Layer, ...]) -> Layer:
    """For each key the entry of the first layer that has one."""
    return {key: entry for layer in reversed(layers) for key, entry in layer.items()}


def _complete_instruments(layers: tuple[Layer, ...]) -> Layer:
    """The rest of a built-in instrument that the operator describes in part.

    One whose partition is given is an instrument of the operator: nothing is added that changes its tests.
    """
    given = {key for layer in layers for key in layer if key[0] == "instruments" and len(key) > 1}
    named = {key[1] for key in given}
    return {
        ("instruments", name, *key): SettingEntry(value, Default())
        for name, instrument in BUILT_IN.items()
        if name in named
        for key, value in list_values(instrument)
        if key[0] not in _TESTS or ("instruments", name, "partition") not in given
    }


_TESTS = ("alert_level", "intraday")


class _LayerSource(PydanticBaseSettingsSource):
    """One layer in the form that pydantic-settings merges, the strongest first."""

    def __init__(self, settings_cls: type[BaseSettings], layer: Layer) -> None:
        super().__init__(settings_cls)
        self._tables = _build_tables(layer)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[object, str, bool]:
        return self._tables.get(field_name), field_name, False

    def __call__(self) -> dict[str, object]:
        return self._tables


def _build_settings(*layers: Layer) -> Settings:
    class FromLayers(Settings):
        """Settings that are read from these layers."""

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: object, **__: object
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(_LayerSource(settings_cls, layer) for layer in layers)

    return Settings(**dict(FromLayers()))


def _build_tables(layer: Layer) -> dict[str, object]:
    """The flat layer as tables in tables.

    If a key is both a value and a table, the value stays, and is refused because it is not a table.
    """
    tables: dict[str, object] = {}
    for key, entry in sorted(layer.items()):
        table: object = tables
        for part in key[:-1]:
            table = table.setdefault(part, {}) if isinstance(table, dict) else table
        if isinstance(table, dict):
            table[key[-1]] = fit_value(find_type(Settings, key), _split_list(key, entry))
    return tables


def _split_list(key: Key, entry: SettingEntry) -> object:
    """Text from a flag or a variable is split at commas where the setting takes several values."""
    match entry:
        case SettingEntry(value=str(text), origin=Flag() | Environment()) if is_list(Settings, key):
            return [part.strip() for part in text.split(",") if part.strip()]
    return entry.value

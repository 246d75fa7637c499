"""Maps one row of ACLED to an unrest event; the API and the CSV export have the same field names.

docs/feeds.md says what the mapping loses.
"""

from collections.abc import Mapping
from typing import Any

from brentwatch.core.domain import EventClass, Precision, Status, Verification
from brentwatch.core.errors import InvalidInput
from brentwatch.ingest.feeds import answers
from brentwatch.wire import event_document
from brentwatch.wire.countries import map_from_iso_number
from brentwatch.wire.unrest_event import decode_event, encode_event

NAME = "acled"
CLASSES: Mapping[str, EventClass] = {
    "Peaceful protest": EventClass.PROTEST,
    "Protest with intervention": EventClass.PROTEST,
    "Excessive force against protesters": EventClass.VIOLENT_CRACKDOWN,
    "Violent demonstration": EventClass.RIOT,
    "Mob violence": EventClass.RIOT,
    "Armed clash": EventClass.ARMED_CLASH,
    "Government regains territory": EventClass.TERRITORIAL_CHANGE,
    "Non-state actor overtakes territory": EventClass.TERRITORIAL_CHANGE,
    "Non-violent transfer of territory": EventClass.TERRITORIAL_CHANGE,
    "Air/drone strike": EventClass.BOMBARDMENT,
    "Shelling/artillery/missile attack": EventClass.BOMBARDMENT,
    "Remote explosive/landmine/IED": EventClass.BOMBARDMENT,
    "Suicide bomb": EventClass.BOMBARDMENT,
    "Grenade": EventClass.BOMBARDMENT,
    "Chemical weapon": EventClass.MASS_VIOLENCE,
    "Attack": EventClass.MASS_VIOLENCE,
    "Abduction/forced disappearance": EventClass.OTHER,
    "Sexual violence": EventClass.MASS_VIOLENCE,
    "Agreement": EventClass.CEASEFIRE,
    "Disrupted weapons use": EventClass.OTHER,
    "Looting/property destruction": EventClass.RIOT,
    "Arrests": EventClass.OTHER,
    "Change to group/activity": EventClass.OTHER,
    "Headquarters or base established": EventClass.OTHER,
    "Other": EventClass.OTHER,
}
"""Classes by sub_event_type; a type that ACLED has added since is `other`."""

_TIMES = {1: Precision.DAY, 2: Precision.WEEK, 3: Precision.MONTH}
_PLACES = {
    1: event_document.LocationPrecision.CITY,
    2: event_document.LocationPrecision.ADMIN1,
    3: event_document.LocationPrecision.COUNTRY,
}
_NOT_VIOLENT = ("Protests", "Strategic developments")
PROVENANCE = event_document.Provenance(
    feed=NAME,
    licence="ACLED terms: not to be passed on to others",
    attribution="ACLED, Armed Conflict Location & Event Data, acleddata.com",
)


def parse_row(row: Mapping[str, Any]) -> event_document.UnrestEventDocument:
    """The event in one row.

    Raises:
        InvalidInput: if it cannot be read.
    """
    uploaded = answers.read_whole(row, "timestamp")
    place = f"{answers.read_text(row, 'location')}, {answers.read_text(row, 'country')}"
    event_type, sub_event_type = (
        answers.read_text(row, "event_type"),
        answers.read_text(row, "sub_event_type"),
    )
    document = event_document.UnrestEventDocument(
        event_id=f"{NAME}:{answers.read_name(row, 'event_id_cnty')}",
        revision=uploaded,
        status=Status.NEW,
        occurred=event_document.Occurred(
            start=answers.read_midnight(row, "event_date"),
            precision=answers.read_code(row, "time_precision", _TIMES),
        ),
        known_at=answers.read_timestamp(uploaded, "timestamp"),
        country=_read_country(row),
        location=_read_location(row),
        event_class=CLASSES.get(sub_event_type, EventClass.OTHER),
        violent=event_type not in _NOT_VIOLENT,
        taxonomy=(
            event_document.Taxon(scheme="ACLED event_type", code=event_type),
            event_document.Taxon(scheme="ACLED sub_event_type", code=sub_event_type),
        ),
        actors=tuple(name for field in ("actor1", "actor2") if (name := answers.read_text(row, field))),
        fatalities=event_document.Fatalities(best=answers.read_whole(row, "fatalities")),
        reliability=event_document.Reliability(verification=Verification.HUMAN),
        summary=f"{sub_event_type}, {place}"[:500],
        provenance=PROVENANCE,
    )
    return decode_event(encode_event(document))


def _read_country(row: Mapping[str, Any]) -> str:
    number = answers.read_whole(row, "iso")
    found = map_from_iso_number().get(str(number))
    if found is None:
        raise InvalidInput(f"iso is {number}; expected a number from ISO 3166-1, such as 566 for Nigeria")
    return found


def _read_location(row: Mapping[str, Any]) -> event_document.Location:
    return event_document.Location(
        place=answers.read_text(row, "location") or None,
        admin1=answers.read_text(row, "admin1") or None,
        lat=answers.read_number(row, "latitude"),
        lon=answers.read_number(row, "longitude"),
        precision=answers.read_code(row, "geo_precision", _PLACES),
    )

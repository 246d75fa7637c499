"""Studies and alerts on their topics: to bytes and back, exact to the last bit of a number."""

from dataclasses import dataclass

from msgspec import UNSET
from msgspec.structs import replace

from brentwatch.core.domain.alerts import Alert
from brentwatch.core.domain.study import Study
from brentwatch.wire import published
from brentwatch.wire.alert_document import AlertDocument, AlertText
from brentwatch.wire.study_document import StudyDocument

_STUDY_REMEDY = "correct whoever publishes studies, as schemas/study.v1.schema.json says"


def encode_study(study: Study) -> bytes:
    """The JSON of a study; the same study gives the same bytes.

    Raises:
        InvalidMessage: if it holds what the schema refuses.
    """
    return published.encode_document(published.build_document(study, StudyDocument, _STUDY_REMEDY))


def decode_study(data: bytes) -> Study:
    """The study in the value of a message; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    return published.convert_to_core(published.decode_document(data, StudyDocument, _STUDY_REMEDY), Study)


_ALERT_REMEDY = "correct whoever publishes alerts, as schemas/alert.v1.schema.json says"


@dataclass(frozen=True, slots=True)
class PublishedAlert:
    """An alert as it is on its topic; `text` is None where a version that wrote no text published it."""

    alert: Alert
    text: AlertText | None


def encode_alert(alert: Alert, text: AlertText | None = None) -> bytes:
    """The JSON of an alert with its words; the same alert and words give the same bytes.

    Raises:
        InvalidMessage: if the alert holds what the schema refuses.
    """
    document = published.build_document(alert, AlertDocument, _ALERT_REMEDY)
    return published.encode_document(document if text is None else replace(document, text=text))


def decode_alert(data: bytes) -> Alert:
    """The alert in the value of a message, without its words; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    return decode_published(data).alert


def decode_published(data: bytes) -> PublishedAlert:
    """The alert in the value of a message, with its words; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    document = published.decode_document(data, AlertDocument, _ALERT_REMEDY)
    return PublishedAlert(
        alert=published.convert_to_core(document, Alert),
        text=None if document.text is UNSET else document.text,
    )

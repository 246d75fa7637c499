"""Studies on their topic: study to bytes and back, exact to the last bit of a number."""

from __future__ import annotations

from brentwatch.core.domain.study import Study
from brentwatch.wire import published
from brentwatch.wire.study_document import StudyDocument

_REMEDY = "correct whoever publishes studies, as schemas/study.v1.schema.json says"


def encode_study(study: Study) -> bytes:
    """The JSON of a study; the same study gives the same bytes.

    Raises:
        InvalidMessage: if it holds what the schema refuses.
    """
    return published.encode_document(published.build_document(study, StudyDocument, _REMEDY))


def decode_study(data: bytes) -> Study:
    """The study in the value of a message; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    return published.convert_to_core(published.decode_document(data, StudyDocument, _REMEDY), Study)

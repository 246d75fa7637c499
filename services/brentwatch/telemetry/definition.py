"""What a metric is: its name, kind, labels, unit and help, and the services that fill it."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a metric moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Label:
    """A label and, where they are known in advance, all its values; `about` says what the others are."""

    name: str
    values: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric; `name` goes without the prefix, `buckets` are the upper bounds of a histogram."""

    name: str
    help: str
    unit: str
    kind: Kind
    services: tuple[str, ...]
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()

"""What a metric is: its name, kind, labels, unit and help, and the services that fill it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import product

from brentwatch.core.errors import InvalidInput


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


def combine_labels(metric: Metric, known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The label sets of a metric; none while an open label is not known."""
    if not metric.labels:
        return
    choices = [(known[label.name],) if label.name in known else label.values for label in metric.labels]
    names = [label.name for label in metric.labels]
    for values in product(*choices):
        yield dict(zip(names, values, strict=True))


def check_labels(metric: Metric, labels: Mapping[str, str]) -> None:
    """Make sure that each closed label has one of its values.

    Raises:
        InvalidInput: if one has not.
    """
    closed = {label.name: label.values for label in metric.labels if label.values}
    for name, values in closed.items():
        if labels.get(name) not in values:
            raise InvalidInput(
                f"{name} of {metric.name} is {labels.get(name)!r}; expected one of {', '.join(values)}: "
                "use one of them, or add the new one to telemetry/table.py"
            )

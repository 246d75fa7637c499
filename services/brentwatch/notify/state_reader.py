"""The notifier's state read from outside: by the command line, which folds nothing itself."""

from collections.abc import Iterable

from brentwatch.core.errors import NewerState, SettingsError
from brentwatch.notify.values import CURSOR, Values, decode_place, decode_values
from brentwatch.stream import Record


class StateReader:
    """What the records of `impact.deliveries.state` add up to, as of the last cursor that was read.

    The cursor ends each transaction, so a state that is read between two of its records is the one before.
    `touched` are the keys that changed since the last call of `forget_touched`.
    """

    def __init__(self) -> None:
        self._kept: dict[bytes, bytes] = {}
        self._unfinished: list[tuple[bytes, bytes | None]] = []
        self.touched: set[bytes] = set()
        self.next_offset = 0

    def take(self, records: Iterable[Record]) -> None:
        """Read on."""
        for record in records:
            self.next_offset = record.offset + 1
            self._unfinished.append((record.key or b"", record.value))
            if record.key == CURSOR:
                self._finish()

    def _finish(self) -> None:
        for key, value in self._unfinished:
            self.touched.add(key)
            if value is None:
                self._kept.pop(key, None)
            else:
                self._kept[key] = value
        self._unfinished = []

    def forget_touched(self) -> None:
        """Empty `touched`."""
        self.touched = set()

    def find_place(self) -> int:
        """The next offset of `impact.deliveries`; 0 where no notifier ever ran."""
        reached = decode_place(self._kept)
        return 0 if reached is None else reached.offset

    def decode(self) -> Values:
        """The state.

        Raises:
            SettingsError: if it cannot be read.
        """
        try:
            return decode_values(self._kept)
        except NewerState:
            raise
        except SettingsError as error:
            raise SettingsError(
                f"the notifier's state cannot be used: {error}; expected the state of a notifier: to rebuild "
                "it, which sends nothing again, stop the notifier and run: brentwatch run notify --rebuild"
            ) from None

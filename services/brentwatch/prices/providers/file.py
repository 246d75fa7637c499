"""`file`: daily prices from a CSV, XLSX or Parquet file that you keep up to date."""

from datetime import date, datetime
from pathlib import Path

from brentwatch.core.domain import NO_SESSION, Bar, Series
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.history.regular_files import read_regular
from brentwatch.history.series_files import Columns, build_series, read_daily_table
from brentwatch.history.session_rows import select_session_rows
from brentwatch.history.tables import OrderChoice
from brentwatch.prices import provider
from brentwatch.prices.providers.settings import ProviderSettings, SeriesSettings
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.input_faults import hide_values


class FileProvider:
    """Reads the whole file at each fetch, so that a corrected price is seen."""

    def __init__(self, series: Series, settings: ProviderSettings) -> None:
        if not series.is_daily:
            raise SettingsError(
                f"prices.series.{series.name}.providers names file, which has daily prices; expected bars "
                f"of {series.interval}; use another provider"
            )
        chosen = settings.series.get(series.name, SeriesSettings()).file
        if chosen.path is None:
            raise SettingsError(
                f"prices.series.{series.name}.file.path is not set; expected the file with the prices; "
                "set it, or remove file from the providers"
            )
        self._series = series
        self._path = Path(chosen.path)
        self.terms = provider.Terms(self._path.name, "that of the file")
        self._columns = Columns(chosen.date_column, chosen.price_column)
        self._order = OrderChoice(
            chosen.day_order, f"prices.series.{series.name}.file.day_order (day-first or month-first)"
        )

    def fetch(
        self, since: date, now: datetime, reject: provider.Reject = provider.ignore_rejections
    ) -> tuple[Bar, ...]:
        """See `Provider`; only rows on days without a session are rejected, any other fault rejects the file.

        Errors do not quote the contents of the file.
        """
        name, data = self._path.name, self._read()
        with hide_values():
            read = read_daily_table(name, data, self._columns, self._order) if data.strip() else None
        if read is None or not (read.table.rows or read.table.rejected):
            raise provider.NotNow(
                f"{name} has no row; expected one for each settled session; it may still be being written"
            )
        with hide_values():
            every = build_series(read)
            if len(every.sessions) > provider.MOST_ROWS:
                raise InvalidInput(
                    f"{name} has {len(every.sessions):,} rows; expected at most {provider.MOST_ROWS:,}: "
                    "keep the "
                    "newest"
                )
            found, _ = select_session_rows(name, every, self._series)
        if out := {day for day in every.sessions if day >= since}.difference(found.sessions):
            notes = "; ".join(found.notes[len(every.notes) :])
            reject(provider.RowsRejected(name, NO_SESSION, len(out), notes))
        bars = [
            provider.check_bar(Bar(session=session, closes_at=self._series.closes_at(session), close=value))
            for session, value in zip(found.sessions, found.values, strict=True)
        ]
        return provider.select_bars(bars, since, name)

    def _read(self) -> bytes:
        try:
            data = read_regular(self._path, provider.LARGEST_BYTES + 1)
        except OSError as error:
            reason = Reason.MISSING if isinstance(error, FileNotFoundError) else Reason.UNREACHABLE
            raise NoAnswer(
                reason,
                f"{self._path} cannot be read: {error.strerror}; expected a file of daily prices; check "
                "its path and its permissions",
            ) from error
        if len(data) > provider.LARGEST_BYTES:
            raise InvalidInput(
                f"{self._path.name} has more than {provider.LARGEST_BYTES:,} bytes; expected a file of "
                "daily prices: "
                "keep the newest"
            )
        return data

"""Finds a column of a table by the name that was given, or by the usual names."""

from collections.abc import Sequence
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.table import Table, normalise_name
from brentwatch.wire.input_faults import show_value


class Role(NamedTuple):
    """What a column contains, its usual names (our own first), and the option that names it, or ""."""

    what: str
    names: tuple[str, ...]
    option: str

    @property
    def own(self) -> str:
        """The name in our own files, which takes precedence."""
        return self.names[0]


_DAYS = (
    "day", "session", "observation_date", "trade_date", "trading_date", "trading_day", "session_date",
    "price_date", "quote_date", "settlement_date", "as_of", "as_of_date", "datetime", "date_time",
    "timestamp", "time", "period", "datum", "fecha",
)  # fmt: skip
DATE = Role("date", ("date", *_DAYS), "--date-column")
TIME = Role("time", ("opens_at", "datetime", "date_time", "timestamp", "time", "date"), "--date-column")
PRICE = Role(
    "price",
    (
        "usd_per_bbl", "close", "price", "value", "settle", "settlement", "settlement_price", "settle_price",
        "close_price", "closing_price", "last", "last_price", "close_last", "px_last", "px_settle", "spot",
        "spot_price", "usd_bbl", "usd_per_barrel", "dollars_per_barrel", "price_usd", "close_usd",
    ),
    "--price-column",
)  # fmt: skip
BENCHMARK = PRICE._replace(what="benchmark", option="--benchmark-column")
_OTHER_CURRENCIES = {"eur", "euro", "euros", "gbp", "pence", "cny", "rmb", "rub", "jpy", "inr", "cad", "chf"}
_LOOKED_AT = 50
_CURRENCY = ("currency", "ccy", "currency_code", "price_currency", "unit", "units")
_NO_PRICE = {
    "return", "returns", "ret", "change", "changes", "chg", "diff", "pct", "percent", "yield",
    "volume", "vol", "open_interest", "count",
}  # fmt: skip


def find_column(table: Table, role: Role, given: str | None = None) -> int:
    """The place of the column for `role`, named `given` or by one of its usual names.

    Raises:
        InvalidInput: if there is none, or the choice is ambiguous.
    """
    if given is not None and normalise_name(given) != role.own:
        at = _find_exact(table, given)
        at = table.find(given) if at is None else at
    else:
        at = _find_by_usual_name(table, role)
    if at is None:
        if not any(table.columns):
            raise _build_no_table_error(table)
        raise InvalidInput(
            f"{table.name} has the columns {show_value(','.join(table.columns))}; expected one "
            f"for the {role.what} called {given or role.own}; name it so in the header"
            f"{f', or give its name with {role.option}' if role.option else ''}"
        )
    return at


def find_date(table: Table, role: Role, given: str | None = None) -> int:
    """The same for dates, which may be in the one unnamed column, as pandas writes its index.

    Raises:
        InvalidInput: if there is none, or the choice is ambiguous.
    """
    if given is not None and normalise_name(given) != role.own:
        return find_column(table, role, given)
    named = _find_usual_names(table, role)
    if len(named) > 1:  # a count of seconds, as in exports of ACLED, is not a date
        dated = [at for at in named if _has_dates(table, at)]
        return dated[0] if len(dated) == 1 else find_column(table, role, given)
    unnamed = [at for at, column in enumerate(table.columns) if normalise_name(column) in ("", "unnamed_0")]
    if not named and len(unnamed) == 1 and _has_dates(table, unnamed[0]):
        return unnamed[0]
    return find_column(table, role, given)


def _has_dates(table: Table, at: int) -> bool:
    from brentwatch.history.tables.notations import read_moment

    cells = [row.cells[at] for row in table.rows if row.cells[at]]
    return bool(cells) and all(read_moment(cell, None) is not None for cell in cells[:_LOOKED_AT])


def find_value(table: Table, role: Role, given: str | None, date_at: int) -> int:
    """The same for a value, which may have any name in a table of two columns.

    Raises:
        InvalidInput: if there is none, the choice is ambiguous, or it is in another currency than USD.
    """
    others = [at for at in range(len(table.columns)) if at != date_at]
    asked = given is not None and normalise_name(given) != role.own
    if asked or len(others) != 1 or not table.columns[others[0]]:
        return find_column(table, role, given)
    if foreign := _OTHER_CURRENCIES & set(normalise_name(table.columns[others[0]]).split("_")):
        raise InvalidInput(
            f"{table.name} has the column {show_value(table.columns[others[0]])}, by its name in "
            f"{', '.join(foreign)}; expected USD per barrel; convert it, or rename the column if it is"
        )
    if _NO_PRICE & {
        normalise_name(table.columns[others[0]]),
        *normalise_name(table.columns[others[0]]).split("_"),
    }:
        raise InvalidInput(
            f"{table.name} has the column {show_value(table.columns[others[0]])}, by its name not a price; "
            "expected "
            f"the {role.what} in USD per barrel; add its column, or rename this one if it is the {role.what}"
        )
    return others[0]


def refuse_other_currency(table: Table) -> None:
    """Refuses a table with a currency column that has another currency than USD.

    Raises:
        InvalidInput: if a row says so.
    """
    told = [at for at, column in enumerate(table.columns) if normalise_name(column) in _CURRENCY]
    for at in told:
        for row in table.rows:
            if _OTHER_CURRENCIES & set(normalise_name(row.cells[at]).split("_")):
                raise InvalidInput(
                    f"row {row.line} of {table.name}: {table.columns[at]} is {show_value(row.cells[at])}; "
                    "expected USD per barrel; convert the prices, or delete the column if they are in USD"
                )


def _build_no_table_error(table: Table) -> InvalidInput:
    if table.rejected:
        first = table.rejected[0]
        return InvalidInput(
            f"row {first.line} of {table.name}: {first.found}; expected a table with a header; save it as CSV"
        )
    return InvalidInput(f"{table.name} is empty; expected a table with a header; fill it")


def _find_exact(table: Table, given: str) -> int | None:
    found = [at for at, column in enumerate(table.columns) if column == given.strip()]
    return found[0] if len(found) == 1 else None


def _find_usual_names(table: Table, role: Role) -> list[int]:
    """The places of the column with our own name, otherwise of all with a usual name."""
    own = table.find(role.own)
    if own is not None:
        return [own]
    return [at for at, column in enumerate(table.columns) if normalise_name(column) in role.names]


def _find_by_usual_name(table: Table, role: Role) -> int | None:
    found = _find_usual_names(table, role)
    if len(found) > 1:
        raise InvalidInput(
            f"{table.name} has the columns {_quote_names([table.columns[at] for at in found])}, each of "
            f"which may be the {role.what}; expected one; "
            f"{f'name it with {role.option}, or ' if role.option else ''}rename or delete the others"
        )
    return found[0] if found else None


def _quote_names(names: Sequence[str]) -> str:
    return " and ".join(map(show_value, names))

"""Statements of every turn: compiled once, and from then on given to the driver as they are.

From a statement to its rows SQLAlchemy takes longer than SQLite with most of them. All that it says stays as it is: the
text, the types on both sides, the rows, the errors.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError

Given = Mapping[str, Any]


class Prepared:
    """One statement with no lists among what it is asked with. `sets`: the columns that an insert is given."""

    def __init__(self, statement: Any, sets: Sequence[str] = ()) -> None:
        self._statement, self._sets = statement, list(sets) or None
        self._by_dialect: dict[str, _Compiled] = {}

    def all(self, tx: Connection, given: Given) -> Sequence[Row[Any]]:
        return self._for(tx).rows(tx, given)

    def first(self, tx: Connection, given: Given) -> Row[Any] | None:
        return next(iter(self.all(tx, given)), None)

    def one(self, tx: Connection, given: Given) -> Row[Any]:
        """The only one that there is."""
        (row,) = self.all(tx, given)
        return row

    def changes(self, tx: Connection, given: Given) -> int:
        """How many rows it has changed."""
        return int(self._for(tx).run(tx, given).rowcount)

    def _for(self, tx: Connection) -> "_Compiled":
        compiled = self._by_dialect.get(tx.dialect.name)
        if compiled is None:
            compiled = self._by_dialect[tx.dialect.name] = _Compiled(self._statement, self._sets, tx.dialect)
        return compiled


def adding(table: Table, *columns: str) -> Prepared:
    """Puts a row down and gives its id; all other columns are given, where none are named."""
    given = columns or [column.name for column in table.c if column is not table.c.id]
    return Prepared(table.insert().returning(table.c.id), given)


class _Compiled:
    """A statement in one dialect, with what turns values into the driver's own, and back."""

    def __init__(self, statement: Any, sets: list[str] | None, dialect: Any) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=sets)
        self._text, self._positional = str(compiled), bool(compiled.positional)
        names = compiled.positiontup if compiled.positional else compiled.bind_names.values()
        self._asked = [(name, *_step(compiled.binds[name], dialect)) for name in names]
        columns = statement.exported_columns
        self._row = result_tuple(columns.keys())
        read = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._read = [(place, step) for place, step in enumerate(read) if step]

    def run(self, tx: Connection, given: Given) -> Any:
        if not tx.in_transaction():
            tx.begin()  # as SQLAlchemy does before the first statement
        raw: Any = tx.connection
        dialect: Any = tx.dialect
        cursor = raw.cursor()
        try:
            cursor.execute(self._text, self._values(given))
        except dialect.dbapi.Error as fault:
            lost = dialect.is_disconnect(fault, raw.dbapi_connection, cursor)
            if lost:
                tx.invalidate(fault)
            told = {"connection_invalidated": lost, "dialect": dialect}
            raise DBAPIError.instance(self._text, None, fault, dialect.dbapi.Error, **told) from fault
        return cursor

    def rows(self, tx: Connection, given: Given) -> Sequence[Row[Any]]:
        return [self._row(self._values_of(raw)) for raw in self.run(tx, given).fetchall()]

    def _values(self, given: Given) -> Any:
        values = [
            (step(given[name]) if step else given[name]) if open else fixed for name, open, step, fixed in self._asked
        ]
        return values if self._positional else {one[0]: value for one, value in zip(self._asked, values, strict=True)}

    def _values_of(self, raw: Sequence[Any]) -> Sequence[Any]:
        values = list(raw)
        for place, step in self._read:
            values[place] = step(values[place])
        return tuple(values)


def _step(bind: Any, dialect: Any) -> tuple[bool, Any, Any]:
    """Whether a value is to be given for it, what turns that into the driver's own, and else the value that it has."""
    step = bind.type.dialect_impl(dialect).bind_processor(dialect)
    fixed = None if bind.required else bind.effective_value
    return bind.required, step, step(fixed) if step else fixed

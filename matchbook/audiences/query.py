"""A compiled question: a SQL tree and its parameters. No value ever stands in the SQL itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb
from sqlglot import exp

from matchbook.reading import select

Stored = str | int | float | bool | date | datetime


@dataclass
class Parameters:
    """What a query is given by name; the same value is given once."""

    values: dict[str, Stored] = field(default_factory=dict)

    def add(self, value: Stored) -> exp.Placeholder:
        """A place for a value in the tree."""
        known = (n for n, v in self.values.items() if type(v) is type(value) and v == value)
        name = next(known, f"p{len(self.values) + 1}")
        self.values[name] = value
        return exp.Placeholder(this=name)


@dataclass(frozen=True)
class Query:
    """A question an engine can be asked."""

    tree: exp.Query
    parameters: dict[str, Stored]

    @property
    def sql(self) -> str:
        """For DuckDB, in one line."""
        return self.tree.sql(dialect="duckdb")

    def shown(self, dialect: str = "duckdb") -> str:
        """The SQL view: in lines, with names where the values go."""
        return self.tree.sql(dialect=dialect, pretty=True)

    def rows(self, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        """The answer, whole."""
        return self.run(connection).fetchall()

    def run(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Ask, for a caller that fetches the answer in its own way."""
        return select(connection, self.sql, self.parameters)

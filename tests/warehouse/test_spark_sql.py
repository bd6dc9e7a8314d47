"""Models keep to SQL that Spark understands too: each compiled model is translated."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import ErrorLevel, exp

from tests.warehouse.project import PROJECT

pytestmark = pytest.mark.xdist_group("warehouse")

MODELS = sorted(path.stem for path in (PROJECT / "models").rglob("*.sql"))

NESTED = (exp.Struct, exp.Map, exp.Array, exp.List, exp.Lambda, exp.Columns)
NOT_IN_SPARK = {exp.DataType.Type[name] for name in ("UUID", "INT128", "UINT128", "ENUM", "STRUCT")}


@pytest.mark.parametrize("model", MODELS)
def test_compiled_model_is_spark_sql(empty_home: Path, model: str) -> None:
    (compiled,) = (empty_home / "dbt/compiled/matchbook/models").rglob(f"{model}.sql")
    assert refused(compiled.read_text()) == []


@pytest.mark.parametrize(
    "query",
    ["select [a, b] from t", "select {'a': b} from t", "select a::hugeint from t"],
)
def test_what_spark_lacks_is_refused(query: str) -> None:
    assert refused(query) != []


def refused(query: str) -> list[str]:
    """What of a DuckDB query Spark does not know; raises where it cannot be said in Spark."""
    statement = sqlglot.parse_one(query, read="duckdb")
    found = [node.sql() for node in statement.find_all(*NESTED)]
    found += [t.sql() for t in statement.find_all(exp.DataType) if t.this in NOT_IN_SPARK]
    spark = statement.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    found += [part.sql() for part in sqlglot.parse_one(spark, read="spark").find_all(exp.Command)]
    return found

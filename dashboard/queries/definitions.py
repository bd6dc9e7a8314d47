"""What every number means: the descriptions that dbt keeps beside its tables."""

from __future__ import annotations

import pandas as pd

from dashboard.queries.reading import View, rows

DEFINITIONS = """
select table_name, coalesce(column_name, '') as column_name, description
from column_descriptions
where coalesce(description, '') <> '' and (
    $asked = '' or contains(lower(concat_ws(' ', replace(table_name, '_', ' '),
        replace(column_name, '_', ' '), description)), $asked))
order by
    contains(replace(coalesce(column_name, table_name), '_', ' '), $asked) desc,
    table_name, column_name is not null, column_name
"""


def definitions(view: View, asked: str) -> pd.DataFrame:
    """Tables and their columns whose name or meaning holds what was asked for."""
    return rows(view, DEFINITIONS, asked=asked.strip().lower())

{# One partition per value of a column, in a table of the past that builds add to: what a build states
   of a value replaces all that stood of it. Spark takes the value's folder away and writes a new
   one; DuckDB, whose tables have no partitions, deletes rows and inserts others. The column comes
   last in the model, where Spark keeps it. #}
{% macro whole_partitions(column) %}
    {%- if target.type == 'duckdb' %}
    {{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=column, on_schema_change='fail') }}
    {%- else %}
    {{ config(materialized='incremental', incremental_strategy='insert_overwrite', partition_by=[column]) }}
    {%- endif %}
{% endmacro %}

{# A mart that only names what others hold. Spark writes it: publishing reads files. #}
{% macro mart_view() %}
    {{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
{% endmacro %}

{# By-day models: one partition per hit_date. A build rewrites whole days, namely those that
   loads newer than the model's own newest load have touched: in the hits or, where a model is
   made from another by-day model, in that `source`. Joined, not filtered by `in`: the engine
   then skips the days that are not touched. #}
{% macro by_day_config() %}
    {{ whole_partitions('hit_date') }}
{% endmacro %}

{% macro touched_days(hits, source=none) %}
    {% if is_incremental() %}
    inner join (
        select distinct newer.hit_date
        from {{ source or ref('stg_pixel__hits') }} as newer
        where newer.load_seq > (select coalesce(max(load_seq), 0) from {{ this }})
    ) as touched
        on {{ hits }}.hit_date = touched.hit_date
    {% endif %}
{% endmacro %}

{# Entity models: one row per key, aggregated from a by-day model with min, max and sum only.
   A key that only gained days after the newest one counted is its old row plus those days; a
   key with a late hit on a day already counted is counted anew from all its days. So the cost
   follows what came in, not how long the history is. The model needs `load_seq` and
   `last_date`; `columns` maps each of its columns to the by-day model's expression and to how
   its days are put together: sum, min, max or latest. Parquet knows no single rows to replace, so
   on Spark entities are made anew from their days, which all its cores read. #}
{% macro entity_config(keys) %}
    {%- if target.type == 'duckdb' %}
    {{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=keys, on_schema_change='fail') }}
    {%- endif %}
{% endmacro %}

{% macro entity(by_day, keys, columns) %}
with

parts as (

    {{ entity_parts(by_day, keys, columns) }}

),

entities as (

    {{ entity_sums('parts', keys, columns) }}

)

select * from entities
{% endmacro %}

{% macro entity_parts(by_day, keys, columns) %}
    {%- set of_days = entity_columns_of_days(keys, columns) %}
    {%- if not is_incremental() %}
    select {{ of_days }} from {{ by_day }} as days
    {%- else %}
    select {{ of_days }}
    from {{ by_day }} as days
    inner join ({{ late_keys(by_day, keys) }}) as late
        on {{ same_keys('days', 'late', keys) }}
    union all
    select {{ of_days }}
    from {{ by_day }} as days
    left join ({{ late_keys(by_day, keys) }}) as late
        on {{ same_keys('days', 'late', keys) }}
    where days.hit_date > {{ last_date_counted() }} and late.{{ keys[0] }} is null
    union all
    select
        {% for key in keys %}counted.{{ key }}, {% endfor %}
        {%- for name in columns %}counted.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ this }} as counted
    inner join (
        select distinct {{ keys | join(', ') }} from {{ by_day }} where hit_date > {{ last_date_counted() }}
    ) as fresh
        on {{ same_keys('counted', 'fresh', keys) }}
    left join ({{ late_keys(by_day, keys) }}) as late
        on {{ same_keys('counted', 'late', keys) }}
    where late.{{ keys[0] }} is null
    {%- endif %}
{% endmacro %}

{# An entity as of the build, to select from. Only a build of the past finds keys seen since: it
   counts them from their days until then. #}
{% macro entity_as_of(entity, by_day, keys, columns) %}
{%- set build = ref('int_build') %}
{%- if not var('as_of') -%}
{{ entity }}
{%- else -%}
(
    select {{ keys | join(', ') }}, {{ columns | join(', ') }}
    from {{ entity }}
    where last_date <= (select as_of_date from {{ build }})
    union all
    {{ entity_sums(days_until_build(entity, by_day, keys, columns), keys, columns) }}
)
{%- endif %}
{% endmacro %}

{% macro days_until_build(entity, by_day, keys, columns) -%}
    (
        select {{ entity_columns_of_days(keys, columns) }}
        from {{ by_day }} as days
        inner join {{ entity }} as entities
            on {{ same_keys('days', 'entities', keys) }}
        cross join {{ ref('int_build') }} as build
        where entities.last_date > build.as_of_date and days.hit_date <= build.as_of_date
    ) as days_until_build
{%- endmacro %}

{% macro entity_columns_of_days(keys, columns) -%}
    {%- for key in keys %}days.{{ key }}, {% endfor %}
    {%- for name, (expression, _) in columns.items() %}{{ expression }} as {{ name }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro entity_sums(parts, keys, columns) -%}
    select
        {{ keys | join(', ') }},
        {%- for name, (_, how) in columns.items() %}
        {% if how == 'sum' %}cast(sum({{ name }}) as bigint)
        {%- elif how == 'latest' %}{{ latest('last_hit_at', name) }}
        {%- else %}{{ how }}({{ name }}){% endif %} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ parts }}
    group by {{ keys | join(', ') }}
{%- endmacro %}

{% macro late_keys(by_day, keys) -%}
    select distinct {{ keys | join(', ') }}
    from {{ by_day }}
    where
        load_seq > (select coalesce(max(load_seq), 0) from {{ this }})
        and hit_date <= {{ last_date_counted() }}
{%- endmacro %}

{% macro last_date_counted() -%}
    (select coalesce(max(last_date), cast('0001-01-01' as date)) from {{ this }})
{%- endmacro %}

{% macro same_keys(one, other, keys) -%}
    {% for key in keys %}{{ one }}.{{ key }} = {{ other }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# The few expressions that differ between the engines. Elsewhere models keep to what both know
   and mean alike: `string` for text, and numbers such as 1e0 where a quotient is to be a double (1.0
   is a decimal, whose quotients Spark rounds). #}

{% macro add_days(date, days) %}{{ return(adapter.dispatch('add_days', 'matchbook')(date, days)) }}{% endmacro %}
{% macro duckdb__add_days(date, days) %}cast({{ date }} + to_days(cast({{ days }} as integer)) as date){% endmacro %}
{% macro default__add_days(date, days) %}date_add({{ date }}, cast({{ days }} as int)){% endmacro %}

{% macro days_before(moment, days) %}{{ return(adapter.dispatch('days_before', 'matchbook')(moment, days)) }}{% endmacro %}
{% macro duckdb__days_before(moment, days) %}({{ moment }} - to_days(cast({{ days }} as integer))){% endmacro %}
{% macro default__days_before(moment, days) %}({{ moment }} - make_interval(0, 0, 0, {{ days }})){% endmacro %}

{% macro add_months(date, months) %}{{ return(adapter.dispatch('add_months', 'matchbook')(date, months)) }}{% endmacro %}
{% macro duckdb__add_months(date, months) %}cast({{ date }} + interval '{{ months }} month' as date){% endmacro %}
{% macro default__add_months(date, months) %}add_months({{ date }}, {{ months }}){% endmacro %}

{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between', 'matchbook')(earlier, later)) }}{% endmacro %}
{% macro duckdb__days_between(earlier, later) %}date_diff('day', {{ earlier }}, {{ later }}){% endmacro %}
{% macro default__days_between(earlier, later) %}datediff({{ later }}, {{ earlier }}){% endmacro %}

{# A stable text id of several columns. #}
{% macro hash_id(columns) %}{{ return(adapter.dispatch('hash_id', 'matchbook')(columns)) }}{% endmacro %}
{% macro duckdb__hash_id(columns) %}sha256(concat_ws(chr(31), {{ columns | join(', ') }})){% endmacro %}
{% macro default__hash_id(columns) %}sha2(concat_ws(chr(31), {{ columns | join(', ') }}), 256){% endmacro %}

{# A moment as build ids write it: 20261121T031000Z. #}
{% macro compact_moment(moment) %}{{ return(adapter.dispatch('compact_moment', 'matchbook')(moment)) }}{% endmacro %}
{% macro duckdb__compact_moment(moment) %}strftime({{ moment }}, '%Y%m%dT%H%M%SZ'){% endmacro %}
{% macro default__compact_moment(moment) %}date_format({{ moment }}, "yyyyMMdd'T'HHmmss'Z'"){% endmacro %}

{# The first 15 hex digits of SHA-256(client, 0x00, value) as a 64-bit integer: what published
   files carry instead of a visitor id, different for each client. #}
{% macro published_key(client, value) %}{{ return(adapter.dispatch('published_key', 'matchbook')(client, value)) }}{% endmacro %}
{% macro duckdb__published_key(client, value) -%}
    cast(concat('0x', substr(sha256(concat({{ client }}, chr(0), {{ value }})), 1, 15)) as bigint)
{%- endmacro %}
{% macro default__published_key(client, value) -%}
    cast(conv(substr(sha2(concat({{ client }}, chr(0), {{ value }}), 256), 1, 15), 16, 10) as bigint)
{%- endmacro %}

{# The value of the latest hit; equal times are settled by the value, never by arrival. #}
{% macro latest(moment, value) -%}
    nullif(substr(max(concat(cast(date_trunc('second', {{ moment }}) as string), coalesce({{ value }}, ''))), 20), '')
{%- endmacro %}

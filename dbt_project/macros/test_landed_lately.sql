{# Rows of the loads of the last day: what a test of a growing table reads of it. #}
{% macro landed_lately() -%}
load_seq >= (
    select min(load_seq)
    from {{ ref('stg_ledger__loads') }}
    where landed_at > (select {{ days_before('max(landed_at)', 1) }} from {{ ref('stg_ledger__loads') }})
)
{%- endmacro %}

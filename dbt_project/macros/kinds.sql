{# By-day models: one partition per hit_date. A build rewrites whole days, namely those that
   loads newer than the model's own newest load have touched. #}
{% macro by_day_config() %}
    {{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='hit_date', on_schema_change='fail') }}
{% endmacro %}

{% macro touched_days() %}
    {% if is_incremental() %}
    where hit_date in (
        select distinct touched.hit_date
        from {{ ref('stg_pixel__hits') }} as touched
        where touched.load_seq > (select coalesce(max(load_seq), 0) from {{ this }})
    )
    {% endif %}
{% endmacro %}

{# Entity models: one row per key, aggregated from a by-day model with min, max and sum only.
   A build recomputes the keys that newer loads have touched. #}
{% macro touched_keys(by_day, keys) %}
    {% if is_incremental() %}
    where ({{ keys | join(', ') }}) in (
        select {{ keys | join(', ') }}
        from {{ by_day }}
        where load_seq > (select coalesce(max(load_seq), 0) from {{ this }})
    )
    {% endif %}
{% endmacro %}

{% set keys = ['client_id', 'visitor_id'] %}
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=keys, on_schema_change='fail') }}

with

visitor_days as (

    select * from {{ ref('int_visitor_days') }}
    {{ touched_keys(ref('int_visitor_days'), keys) }}

),

visitors as (

    select
        client_id,
        visitor_id,
        count(*) as days_active,
        cast(sum(hits) as bigint) as hits,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(events) as bigint) as events,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(reads) as bigint) as reads,
        cast(sum(identifies) as bigint) as identifies,
        {{ latest('last_hit_at', 'last_site_id') }} as last_site_id,
        {{ latest('last_hit_at', 'last_section') }} as last_section,
        {{ latest('last_hit_at', 'last_device_type') }} as last_device_type,
        {{ latest('last_hit_at', 'last_browser') }} as last_browser,
        {{ latest('last_hit_at', 'last_operating_system') }} as last_operating_system,
        {{ latest('last_hit_at', 'last_referrer_host') }} as last_referrer_host,
        max(load_seq) as load_seq,
        min(first_hit_at) as first_hit_at,
        max(last_hit_at) as last_hit_at
    from visitor_days
    group by client_id, visitor_id

)

select * from visitors

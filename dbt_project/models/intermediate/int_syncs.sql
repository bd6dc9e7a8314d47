{% set keys = ['client_id', 'partner_id', 'partner_cookie_id', 'visitor_id', 'site_id'] %}
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=keys, on_schema_change='fail') }}

with

sync_days as (

    select * from {{ ref('int_sync_days') }}
    {{ touched_keys(ref('int_sync_days'), keys) }}

),

syncs as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        visitor_id,
        site_id,
        count(*) as days,
        cast(sum(hits) as bigint) as hits,
        max(load_seq) as load_seq,
        min(first_hit_at) as first_hit_at,
        max(last_hit_at) as last_hit_at
    from sync_days
    group by client_id, partner_id, partner_cookie_id, visitor_id, site_id

)

select * from syncs

{{ by_day_config() }}

with

sync_days as (

    select days.* from {{ ref('int_sync_days') }} as days
    {{ touched_days('days', ref('int_sync_days')) }}

),

by_site as (

    select
        client_id,
        partner_id,
        site_id,
        cast(sum(hits) as bigint) as hits,
        count(distinct partner_cookie_id) as cookies,
        max(load_seq) as load_seq,
        max(last_hit_at) as last_hit_at,
        hit_date
    from sync_days
    group by client_id, partner_id, site_id, hit_date

)

select * from by_site

with

days as (

    select * from {{ ref('int_site_days') }}

),

site_days as (

    select
        client_id,
        site_id,
        syncs,
        page_views,
        events,
        identifies,
        hits,
        last_hit_at,
        hit_date
    from days

)

select * from site_days

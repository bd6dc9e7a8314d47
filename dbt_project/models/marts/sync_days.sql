with

sync_days as (

    select * from {{ ref('int_sync_days') }}

),

by_site as (

    select
        client_id,
        partner_id,
        site_id,
        cast(sum(hits) as bigint) as hits,
        count(distinct partner_cookie_id) as cookies,
        hit_date
    from sync_days
    group by client_id, partner_id, site_id, hit_date

)

select * from by_site

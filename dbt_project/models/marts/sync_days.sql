with

days as (

    select * from {{ ref('int_partner_site_days') }}

),

sync_days as (

    select
        client_id,
        partner_id,
        site_id,
        hits,
        cookies,
        hit_date
    from days

)

select * from sync_days

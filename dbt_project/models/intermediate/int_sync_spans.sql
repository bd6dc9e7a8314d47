-- As int_evidence_spans, for partner cookies: when a cookie id had last been seen, as of each day.
with

sync_days as (

    select * from {{ ref('int_sync_days') }}

),

bounds as (

    select min(as_of_date) as first_date, max(as_of_date) as last_date
    from {{ ref('int_rate_dates') }}

),

folded as (

    select
        sync_days.client_id,
        sync_days.partner_id,
        sync_days.partner_cookie_id,
        sync_days.visitor_id,
        sync_days.site_id,
        max(sync_days.hit_date) as last_date,
        max(sync_days.last_hit_at) as last_hit_at
    from sync_days
    cross join bounds
    where
        sync_days.hit_date <= bounds.last_date
        and sync_days.hit_date >= {{ add_days('bounds.first_date', -91) }}
    group by
        sync_days.client_id, sync_days.partner_id, sync_days.partner_cookie_id,
        sync_days.visitor_id, sync_days.site_id,
        greatest(sync_days.hit_date, {{ add_days('bounds.first_date', -1) }})

),

spans as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        visitor_id,
        site_id,
        last_hit_at,
        last_date as valid_from,
        coalesce(
            lead(last_date) over (
                partition by client_id, partner_id, partner_cookie_id, visitor_id, site_id order by last_date
            ),
            {{ add_days('last_date', var('cookie_days')) }}
        ) as valid_until
    from folded

)

select * from spans

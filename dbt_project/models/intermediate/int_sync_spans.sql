-- As int_evidence_spans, for partner cookies: when a cookie id had last been seen, as of each day.
with

sync_days as (

    select * from {{ ref('int_sync_days') }}

),

bounds as (

    select min(as_of_date) as first_date, max(as_of_date) as last_date
    from {{ ref('int_rate_dates') }}

),

recent as (

    select
        sync_days.client_id,
        sync_days.partner_id,
        sync_days.partner_cookie_id,
        sync_days.visitor_id,
        sync_days.site_id,
        sync_days.hit_date as last_date,
        sync_days.last_hit_at
    from sync_days
    where
        sync_days.hit_date >= (select first_date from bounds)
        and sync_days.hit_date <= (select last_date from bounds)

),

-- Cookies not seen since the first date wanted: their entity says when they last were.
silent as (

    select
        syncs.client_id,
        syncs.partner_id,
        syncs.partner_cookie_id,
        syncs.visitor_id,
        syncs.site_id,
        syncs.last_date,
        syncs.last_hit_at
    from {{ ref('int_syncs') }} as syncs
    cross join bounds
    where
        syncs.last_date < bounds.first_date
        and syncs.last_date >= {{ add_days('bounds.first_date', -91) }}

),

-- Cookies first seen again after it: the day they had been seen before.
before as (

    select
        sync_days.client_id,
        sync_days.partner_id,
        sync_days.partner_cookie_id,
        sync_days.visitor_id,
        sync_days.site_id,
        max(sync_days.hit_date) as last_date,
        max(sync_days.last_hit_at) as last_hit_at
    from sync_days
    inner join (
        select client_id, partner_id, partner_cookie_id, visitor_id, site_id
        from recent
        group by client_id, partner_id, partner_cookie_id, visitor_id, site_id
        having min(last_date) > (select first_date from bounds)
    ) as returned
        on
            sync_days.client_id = returned.client_id
            and sync_days.partner_id = returned.partner_id
            and sync_days.partner_cookie_id = returned.partner_cookie_id
            and sync_days.visitor_id = returned.visitor_id
            and sync_days.site_id = returned.site_id
    where
        sync_days.hit_date < (select first_date from bounds)
        and sync_days.hit_date >= (select {{ add_days('first_date', -91) }} from bounds)
    group by
        sync_days.client_id, sync_days.partner_id, sync_days.partner_cookie_id,
        sync_days.visitor_id, sync_days.site_id

),

folded as (

    select * from recent
    union all
    select * from silent
    union all
    select * from before

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

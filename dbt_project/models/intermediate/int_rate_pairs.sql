-- Which partner cookies lead to which record, surely enough to be delivered, and when they were
-- last seen on which site, as of each day that is restated. A cookie with too many records is
-- a kiosk's and leads to none.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

pairs as (

    select * from {{ ref('int_visitor_record_dates') }}

),

sightings as (

    select
        dates.as_of_date,
        dates.end_at,
        spans.client_id,
        spans.partner_id,
        spans.partner_cookie_id,
        spans.site_id,
        spans.last_hit_at,
        pairs.crm_record_id,
        pairs.is_confident
    from dates
    inner join pairs
        on dates.as_of_date = pairs.as_of_date
    inner join {{ ref('int_sync_spans') }} as spans
        on
            pairs.client_id = spans.client_id
            and pairs.visitor_id = spans.visitor_id
            and spans.valid_from <= dates.as_of_date
            and spans.valid_until > dates.as_of_date

),

cookies as (

    select as_of_date, client_id, partner_id, partner_cookie_id
    from sightings
    group by as_of_date, client_id, partner_id, partner_cookie_id
    having count(distinct crm_record_id) <= {{ var('hot_cookie_records') }}

),

rate_pairs as (

    select
        sightings.as_of_date,
        sightings.end_at,
        sightings.client_id,
        sightings.partner_id,
        sightings.partner_cookie_id,
        sightings.crm_record_id,
        sightings.site_id,
        max(sightings.last_hit_at) as last_seen_at
    from sightings
    inner join cookies
        on
            sightings.as_of_date = cookies.as_of_date
            and sightings.client_id = cookies.client_id
            and sightings.partner_id = cookies.partner_id
            and sightings.partner_cookie_id = cookies.partner_cookie_id
    where sightings.is_confident
    group by
        sightings.as_of_date, sightings.end_at, sightings.client_id, sightings.partner_id,
        sightings.partner_cookie_id, sightings.crm_record_id, sightings.site_id

)

select * from rate_pairs

-- As of the newest day: a browser or a cookie counts once, on the day on which it was last seen, and
-- once at each site. What a look-back counts is the sum of its days.
with

seen as (

    select
        dates.as_of_date,
        dates.end_at,
        spans.client_id,
        spans.partner_id,
        spans.partner_cookie_id,
        spans.visitor_id,
        spans.site_id,
        spans.last_hit_at as last_seen_at
    from {{ ref('int_build') }} as build
    inner join {{ ref('int_rate_dates') }} as dates
        on build.as_of_date = dates.as_of_date
    inner join {{ ref('int_sync_spans') }} as spans
        on spans.valid_from <= dates.as_of_date and spans.valid_until > dates.as_of_date

),

matched as (

    select * from {{ ref('int_rate_pairs') }}

),

-- A cookie id is one partner's, while a browser may be known to several and counts once for all.
things as (

    {% set cookie = ['partner_id', 'partner_cookie_id'] %}
    {% for site in [[], ['site_id']] %}
    {% for thing, rows, partner, keys in [
        ('cookies', 'seen', 'partner_id', cookie), ('cookies', 'seen', "'all'", cookie),
        ('matched_cookies', 'matched', 'partner_id', cookie), ('matched_cookies', 'matched', "'all'", cookie),
        ('browsers', 'seen', 'partner_id', ['partner_id', 'visitor_id']), ('browsers', 'seen', "'all'", ['visitor_id']),
    ] %}
    select
        as_of_date, end_at, client_id,
        {{ partner }} as partner_id,
        {{ 'site_id' if site else 'cast(null as string) as site_id' }},
        '{{ thing }}' as thing,
        max(last_seen_at) as last_seen_at
    from {{ rows }}
    group by as_of_date, end_at, client_id, {{ (site + keys) | join(', ') }}
    union all
    {% endfor %}
    {% endfor %}
    -- Browsers of which any call was tracked, with a partner's cookie or without.
    select
        dates.as_of_date, dates.end_at, spans.client_id,
        'any' as partner_id, cast(null as string) as site_id, 'browsers' as thing,
        spans.last_hit_at as last_seen_at
    from {{ ref('int_build') }} as build
    inner join {{ ref('int_rate_dates') }} as dates
        on build.as_of_date = dates.as_of_date
    inner join {{ ref('int_visitor_spans') }} as spans
        on spans.valid_from <= dates.as_of_date and spans.valid_until > dates.as_of_date

),

last_sightings as (

    select
        as_of_date,
        client_id,
        partner_id,
        case when site_id is null then 'all' else 'site' end as breakdown,
        coalesce(site_id, 'all') as breakdown_value,
        {{ days_ago('last_seen_at', 'end_at') }} as days_ago,
        count(case when thing = 'cookies' then 1 end) as cookies,
        count(case when thing = 'matched_cookies' then 1 end) as matched_cookies,
        count(case when thing = 'browsers' then 1 end) as browsers
    from things
    group by as_of_date, client_id, partner_id, site_id, {{ days_ago('last_seen_at', 'end_at') }}

)

select * from last_sightings

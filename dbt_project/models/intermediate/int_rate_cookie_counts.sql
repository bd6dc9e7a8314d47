with

look_backs as (

    select 1 as look_back_days union all select 7 union all select 30 union all select 90

),

seen as (

    select
        dates.as_of_date,
        dates.end_at,
        spans.client_id,
        spans.partner_id,
        spans.partner_cookie_id,
        spans.visitor_id,
        spans.site_id,
        spans.last_hit_at
    from {{ ref('int_build') }} as build
    inner join {{ ref('int_rate_dates') }} as dates
        on build.as_of_date = dates.as_of_date
    inner join {{ ref('int_sync_spans') }} as spans
        on spans.valid_from <= dates.as_of_date and spans.valid_until > dates.as_of_date

),

-- A cookie id is one partner's, while a browser may be known to several and counts once for all.
things as (

    {% set cookie = ['partner_id', 'partner_cookie_id'] %}
    {% for splits in [[], ['site_id']] %}
    {% for cookies, partner, keys in [
        (1, 'partner_id', cookie), (1, "'all'", cookie),
        (0, 'partner_id', ['partner_id', 'visitor_id']), (0, "'all'", ['visitor_id']),
    ] %}
    select
        as_of_date, end_at, client_id,
        {{ partner }} as partner_id,
        {{ 'site_id' if splits else 'cast(null as varchar) as site_id' }},
        {{ cookies }} as cookies,
        {{ 1 - cookies }} as browsers,
        max(last_hit_at) as last_seen_at
    from seen
    group by as_of_date, end_at, client_id, {{ (splits + keys) | join(', ') }}
    {{ 'union all' if not (loop.last and splits) }}
    {% endfor %}
    {% endfor %}

),

counted as (

    select
        things.as_of_date,
        things.client_id,
        things.partner_id,
        look_backs.look_back_days,
        case when things.site_id is null then 'all' else 'site' end as breakdown,
        coalesce(things.site_id, 'all') as breakdown_value,
        cast(sum(things.cookies) as bigint) as cookies,
        cast(sum(things.browsers) as bigint) as browsers
    from things
    inner join look_backs
        on things.last_seen_at >= {{ days_before('things.end_at', 'look_backs.look_back_days') }}
    group by things.as_of_date, things.client_id, things.partner_id, look_backs.look_back_days, things.site_id

)

select * from counted

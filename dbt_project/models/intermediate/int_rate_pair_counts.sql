with

look_backs as (

    {{ look_backs() }}

),

pairs as (

    select
        pairs.*,
        case when records.has_email then 1 else 0 end as email,
        case when records.has_phone then 1 else 0 end as phone,
        case when records.has_postal then 1 else 0 end as postal
    from {{ ref('int_rate_pairs') }} as pairs
    inner join {{ ref('int_record_dates') }} as records
        on
            pairs.as_of_date = records.as_of_date
            and pairs.client_id = records.client_id
            and pairs.crm_record_id = records.crm_record_id

),

-- A pair, and a cookie, counts once however many sites have seen it, and once at each of them.
things as (

    {% for splits in [[], ['site_id']] %}
    {% for thing, keys in {'pairs': ['partner_cookie_id', 'crm_record_id'], 'cookies': ['partner_cookie_id']}.items() %}
    select
        as_of_date, end_at, client_id, partner_id,
        {{ 'site_id' if splits else 'cast(null as string) as site_id' }},
        {{ 1 if thing == 'pairs' else 0 }} as pairs,
        {{ 1 if thing == 'cookies' else 0 }} as cookies,
        max(email) as email, max(phone) as phone, max(postal) as postal,
        max(last_seen_at) as last_seen_at
    from pairs
    group by as_of_date, end_at, client_id, partner_id, {{ (splits + keys) | join(', ') }}
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
        things.site_id,
        sum(pairs) as pairs,
        sum(cookies) as cookies
        {%- for type in identifier_types() %},
        sum(pairs * {{ type }}) as {{ type }}_pairs,
        sum(cookies * {{ type }}) as {{ type }}_cookies
        {%- endfor %}
    from things
    inner join look_backs
        on things.last_seen_at >= {{ days_before('things.end_at', 'look_backs.look_back_days') }}
    group by things.as_of_date, things.client_id, things.partner_id, look_backs.look_back_days, things.site_id

),

split as (

    {{ split_counts('counted', ['pairs', 'cookies']) }}

),

-- A cookie id is one partner's, so those of all partners are their sum.
summed as (

    select * from split
    union all
    select
        as_of_date, client_id, 'all' as partner_id, look_back_days, breakdown, breakdown_value,
        sum(pairs) as pairs, sum(cookies) as cookies
    from split
    group by as_of_date, client_id, look_back_days, breakdown, breakdown_value

)

select
    as_of_date, client_id, partner_id, look_back_days, breakdown, breakdown_value,
    cast(pairs as bigint) as pairs,
    cast(cookies as bigint) as cookies
from summed

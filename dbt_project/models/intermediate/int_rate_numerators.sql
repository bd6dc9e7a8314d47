with

look_backs as (

    {{ look_backs() }}

),

sightings as (

    select sightings.*, records.has_email, records.has_phone, records.has_postal
    from {{ ref('int_record_sightings') }} as sightings
    inner join {{ ref('int_record_dates') }} as records
        on
            sightings.as_of_date = records.as_of_date
            and sightings.client_id = records.client_id
            and sightings.crm_record_id = records.crm_record_id
    where records.is_eligible

),

-- A record counts once however many sites and partners have seen it, and once at each site.
seen as (

    {% for site in [[], ['site_id']] %}
    {% for partner, keys in [('partner_id', ['partner_id']), ("'all'", [])] %}
    select
        as_of_date, end_at, client_id, {{ partner }} as partner_id,
        {{ 'site_id' if site else 'cast(null as string) as site_id' }},
        has_email, has_phone, has_postal,
        max(last_seen_at) as last_seen_at
    from sightings
    group by
        as_of_date, end_at, client_id, crm_record_id, has_email, has_phone, has_postal
        {%- for key in keys + site %}, {{ key }}{% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    select
        seen.as_of_date,
        seen.client_id,
        seen.partner_id,
        look_backs.look_back_days,
        seen.site_id,
        count(*) as records
        {%- for type in identifier_types() %},
        count(case when seen.has_{{ type }} then 1 end) as {{ type }}_records
        {%- endfor %}
    from seen
    inner join look_backs
        on seen.last_seen_at >= {{ days_before('seen.end_at', 'look_backs.look_back_days') }}
    group by seen.as_of_date, seen.client_id, seen.partner_id, look_backs.look_back_days, seen.site_id

),

numerators as (

    {{ split_counts('counted', ['records']) }}

)

select * from numerators

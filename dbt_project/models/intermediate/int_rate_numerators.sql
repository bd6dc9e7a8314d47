{% set identifier_types = ['email', 'phone', 'postal'] %}

with

look_backs as (

    select 1 as look_back_days union all select 7 union all select 30 union all select 90

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

-- A record counts once however many sites and partners have seen it.
by_partner as (

    select
        as_of_date, end_at, client_id, partner_id, crm_record_id, has_email, has_phone, has_postal,
        max(last_seen_at) as last_seen_at
    from sightings
    group by as_of_date, end_at, client_id, partner_id, crm_record_id, has_email, has_phone, has_postal
    union all
    select
        as_of_date, end_at, client_id, 'all' as partner_id, crm_record_id, has_email, has_phone, has_postal,
        max(last_seen_at) as last_seen_at
    from sightings
    group by as_of_date, end_at, client_id, crm_record_id, has_email, has_phone, has_postal

),

counted_records as (

    select
        seen.as_of_date,
        seen.client_id,
        seen.partner_id,
        look_backs.look_back_days,
        count(*) as records,
        count(case when has_email then 1 end) as email_records,
        count(case when has_phone then 1 end) as phone_records,
        count(case when has_postal then 1 end) as postal_records
    from by_partner as seen
    inner join look_backs
        on seen.last_seen_at >= {{ days_before('seen.end_at', 'look_backs.look_back_days') }}
    group by seen.as_of_date, seen.client_id, seen.partner_id, look_backs.look_back_days

),

-- … and a site's records once however many partners have seen them there.
by_site as (

    select as_of_date, end_at, client_id, partner_id, site_id, crm_record_id, last_seen_at
    from sightings
    union all
    select
        as_of_date, end_at, client_id, 'all' as partner_id, site_id, crm_record_id,
        max(last_seen_at) as last_seen_at
    from sightings
    group by as_of_date, end_at, client_id, site_id, crm_record_id

),

counted_sites as (

    select
        seen.as_of_date,
        seen.client_id,
        seen.partner_id,
        look_backs.look_back_days,
        seen.site_id,
        count(*) as records
    from by_site as seen
    inner join look_backs
        on seen.last_seen_at >= {{ days_before('seen.end_at', 'look_backs.look_back_days') }}
    group by seen.as_of_date, seen.client_id, seen.partner_id, look_backs.look_back_days, seen.site_id

),

numerators as (

    select as_of_date, client_id, partner_id, look_back_days, 'all' as breakdown, 'all' as breakdown_value, records
    from counted_records
    {% for type in identifier_types %}
    union all
    select
        as_of_date, client_id, partner_id, look_back_days,
        'identifier_type' as breakdown, '{{ type }}' as breakdown_value, {{ type }}_records as records
    from counted_records
    {% endfor %}
    union all
    select
        as_of_date, client_id, partner_id, look_back_days, 'site' as breakdown, site_id as breakdown_value, records
    from counted_sites

)

select * from numerators

-- Matched records that the partner's own baseline lacks: what we add to it.
with

look_backs as (

    {{ look_backs() }}

),

added as (

    select
        sightings.*,
        case when records.has_email then 1 else 0 end as email,
        case when records.has_phone then 1 else 0 end as phone,
        case when records.has_postal then 1 else 0 end as postal
    from {{ ref('int_record_sightings') }} as sightings
    inner join {{ ref('int_baselines') }} as baselines
        on
            sightings.as_of_date = baselines.as_of_date
            and sightings.client_id = baselines.client_id
            and sightings.partner_id = baselines.partner_id
    inner join {{ ref('int_record_dates') }} as records
        on
            sightings.as_of_date = records.as_of_date
            and sightings.client_id = records.client_id
            and sightings.crm_record_id = records.crm_record_id
    left join {{ ref('int_known_records') }} as known
        on
            sightings.as_of_date = known.as_of_date
            and sightings.client_id = known.client_id
            and sightings.partner_id = known.partner_id
            and sightings.crm_record_id = known.crm_record_id
    where known.crm_record_id is null

),

seen as (

    select
        as_of_date, end_at, client_id, partner_id, cast(null as string) as site_id,
        email, phone, postal, max(last_seen_at) as last_seen_at
    from added
    group by as_of_date, end_at, client_id, partner_id, crm_record_id, email, phone, postal
    union all
    select as_of_date, end_at, client_id, partner_id, site_id, email, phone, postal, last_seen_at
    from added

),

counted as (

    select
        seen.as_of_date,
        seen.client_id,
        seen.partner_id,
        look_backs.look_back_days,
        seen.site_id,
        count(*) as records,
        sum(seen.email) as email_records,
        sum(seen.phone) as phone_records,
        sum(seen.postal) as postal_records
    from seen
    inner join look_backs
        on seen.last_seen_at >= {{ days_before('seen.end_at', 'look_backs.look_back_days') }}
    group by seen.as_of_date, seen.client_id, seen.partner_id, look_backs.look_back_days, seen.site_id

),

split as (

    {{ split_counts('counted', ['records']) }}

)

select * from split

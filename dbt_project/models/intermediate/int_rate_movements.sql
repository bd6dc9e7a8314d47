-- What became in a week of each record that is matched, or was a week ago, at a partner: why it
-- counts now and did not then, or the other way round.
with

days as (

    select
        clients.client_id,
        dates.as_of_date,
        dates.end_at,
        dates.as_of_date = newest.as_of_date as is_now
    from {{ ref('stg_registry__clients') }} as clients
    cross join {{ ref('int_build') }} as newest
    inner join {{ ref('int_rate_dates') }} as dates
        on dates.as_of_date = newest.as_of_date or dates.as_of_date = {{ add_days('newest.as_of_date', -7) }}

),

records as (

    select
        days.client_id,
        records.crm_record_id,
        max(case when days.is_now and records.is_eligible then 1 else 0 end) as is_in,
        max(case when not days.is_now and records.is_eligible then 1 else 0 end) as was_in,
        max(case when days.is_now and records.is_suppressed then 1 else 0 end) as is_out
    from days
    inner join {{ ref('int_record_dates') }} as records
        on days.as_of_date = records.as_of_date and days.client_id = records.client_id
    group by days.client_id, records.crm_record_id

),

moved as (

    select
        client_id,
        crm_record_id,
        case
            when is_in = 1 and was_in = 1 then 'stayed'
            when is_in = 1 then 'new_records'
            when is_out = 1 then 'opted_out'
            else 'records_gone'
        end as movement
    from records
    where is_in = 1 or was_in = 1

),

recognised as (

    select days.client_id, pairs.crm_record_id, max(case when days.is_now then 0 else 1 end) as was_recognised
    from days
    inner join {{ ref('int_visitor_record_dates') }} as pairs
        on days.as_of_date = pairs.as_of_date and days.client_id = pairs.client_id
    where pairs.is_confident
    group by days.client_id, pairs.crm_record_id

),

-- Records of which a browser has refused since.
refused as (

    select distinct days.client_id, pairs.crm_record_id
    from days
    inner join {{ ref('int_visitor_record_dates') }} as pairs
        on days.as_of_date = pairs.as_of_date and days.client_id = pairs.client_id
    inner join {{ ref('int_suppressions') }} as suppressions
        on
            pairs.client_id = suppressions.client_id
            and suppressions.subject_type = 'visitor'
            and pairs.visitor_id = suppressions.subject_id
            and suppressions.suppressed_at > days.end_at
    where pairs.is_confident and not days.is_now

),

sightings as (

    select days.client_id, days.is_now, days.end_at, sightings.partner_id, sightings.crm_record_id, sightings.last_seen_at
    from days
    inner join {{ ref('int_record_sightings') }} as sightings
        on days.as_of_date = sightings.as_of_date and days.client_id = sightings.client_id
    union all
    select days.client_id, days.is_now, days.end_at, 'all' as partner_id, sightings.crm_record_id, sightings.last_seen_at
    from days
    inner join {{ ref('int_record_sightings') }} as sightings
        on days.as_of_date = sightings.as_of_date and days.client_id = sightings.client_id

),

matched as (

    select
        client_id,
        partner_id,
        crm_record_id,
        max(case
            when is_now and last_seen_at >= {{ days_before('end_at', var('headline_days')) }} then 1 else 0
        end) as is_matched,
        max(case
            when not is_now and last_seen_at >= {{ days_before('end_at', var('headline_days')) }} then 1 else 0
        end) as was_matched,
        max(case when is_now then 1 else 0 end) as has_cookie
    from sightings
    group by client_id, partner_id, crm_record_id

),

movements as (

    select
        matched.client_id,
        matched.partner_id,
        matched.crm_record_id,
        case
            when moved.movement <> 'stayed' then moved.movement
            when matched.is_matched = 1 and recognised.was_recognised = 1 then 'newly_synced'
            when matched.is_matched = 1 then 'newly_recognised'
            when matched.has_cookie = 1 then 'not_seen'
            when refused.crm_record_id is not null then 'opted_out'
            else 'no_longer_recognised'
        end as reason,
        matched.is_matched - matched.was_matched as matched_change
    from matched
    inner join moved
        on matched.client_id = moved.client_id and matched.crm_record_id = moved.crm_record_id
    left join recognised
        on matched.client_id = recognised.client_id and matched.crm_record_id = recognised.crm_record_id
    left join refused
        on matched.client_id = refused.client_id and matched.crm_record_id = refused.crm_record_id
    where matched.is_matched <> matched.was_matched

),

-- New, gone and opted-out records count in the denominator, matched or not.
denominators as (

    select
        client_id,
        'any' as partner_id,
        crm_record_id,
        movement as reason,
        0 as matched_change,
        case when movement = 'new_records' then 1 else -1 end as eligible_change
    from moved
    where movement <> 'stayed'

)

select client_id, partner_id, crm_record_id, reason, matched_change, 0 as eligible_change from movements
union all
select client_id, partner_id, crm_record_id, reason, matched_change, eligible_change from denominators

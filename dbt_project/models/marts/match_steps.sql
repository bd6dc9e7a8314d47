{{ whole_partitions('as_of_date') }}

-- A record that counts on a day is a step up on it and a step down on the day after; on all days
-- but the first and the last of a stay the two cancel out.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

restated as (

    select min(as_of_date) as first_date from dates
    where is_restated

),

eligible as (

    select records.as_of_date, records.client_id, records.crm_record_id
    from {{ ref('int_record_dates') }} as records
    cross join restated
    where records.is_eligible and records.as_of_date >= {{ add_days('restated.first_date', -1) }}

),

matched as (

    select distinct sightings.as_of_date, sightings.client_id, sightings.partner_id, sightings.crm_record_id
    from {{ ref('int_record_sightings') }} as sightings
    inner join eligible
        on
            sightings.as_of_date = eligible.as_of_date
            and sightings.client_id = eligible.client_id
            and sightings.crm_record_id = eligible.crm_record_id
    where sightings.last_seen_at >= {{ days_before('sightings.end_at', var('headline_days')) }}

),

counting as (

    select as_of_date, client_id, partner_id, crm_record_id from matched
    union all
    select distinct as_of_date, client_id, 'all' as partner_id, crm_record_id from matched
    union all
    select as_of_date, client_id, 'any' as partner_id, crm_record_id from eligible

),

turns as (

    select as_of_date, client_id, partner_id, crm_record_id, 1 as step from counting
    union all
    select {{ add_days('as_of_date', 1) }} as as_of_date, client_id, partner_id, crm_record_id, -1 as step
    from counting

),

steps as (

    select as_of_date, client_id, partner_id, crm_record_id, sum(step) as step
    from turns
    group by as_of_date, client_id, partner_id, crm_record_id
    having sum(step) <> 0

),

match_steps as (

    select
        steps.client_id,
        steps.partner_id,
        steps.crm_record_id,
        cast(steps.step as integer) as step,
        dates.load_seq,
        steps.as_of_date
    from steps
    inner join dates
        on steps.as_of_date = dates.as_of_date
    where dates.is_restated

)

select * from match_steps

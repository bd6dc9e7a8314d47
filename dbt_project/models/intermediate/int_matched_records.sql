-- The records that the headline match rate counts as matched, as of the build.
with

build as (

    select * from {{ ref('int_build') }}

),

matched as (

    select distinct sightings.client_id, sightings.crm_record_id
    from {{ ref('int_record_sightings') }} as sightings
    inner join build
        on sightings.as_of_date = build.as_of_date
    inner join {{ ref('int_record_dates') }} as records
        on
            sightings.as_of_date = records.as_of_date
            and sightings.client_id = records.client_id
            and sightings.crm_record_id = records.crm_record_id
    where
        records.is_eligible
        and sightings.last_seen_at >= {{ days_before('sightings.end_at', var('headline_days')) }}

)

select * from matched

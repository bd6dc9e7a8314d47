{{ mart_view() }}

with

record_sightings as (

    select
        sightings.client_id,
        sightings.partner_id,
        sightings.crm_record_id,
        sightings.site_id,
        sightings.last_seen_at
    from {{ ref('int_record_sightings') }} as sightings
    inner join {{ ref('int_build') }} as build
        on sightings.as_of_date = build.as_of_date

)

select * from record_sightings

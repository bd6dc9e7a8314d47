-- When a record was last seen at a partner, by site, as of each day that is restated.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

record_sightings as (

    {{ sightings('dates', ['spans.client_id', 'spans.partner_id', 'pairs.crm_record_id', 'spans.site_id']) }}

)

select * from record_sightings

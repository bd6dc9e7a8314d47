-- When a record was last seen at a partner, by site, as of each day that is restated.
with

record_sightings as (

    select
        as_of_date,
        end_at,
        client_id,
        partner_id,
        crm_record_id,
        site_id,
        max(last_seen_at) as last_seen_at
    from {{ ref('int_rate_pairs') }}
    group by as_of_date, end_at, client_id, partner_id, crm_record_id, site_id

)

select * from record_sightings

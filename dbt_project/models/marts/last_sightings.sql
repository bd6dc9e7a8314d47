{{ mart_view() }}

with

last_sightings as (

    select
        client_id,
        partner_id,
        breakdown,
        breakdown_value,
        cast(days_ago as integer) as days_ago,
        cookies,
        matched_cookies,
        browsers
    from {{ ref('int_last_sightings') }}

)

select * from last_sightings

-- Which partner cookies lead to which record, surely enough to be delivered, and when they were last
-- seen on which site, as of the newest day.
with

dates as (

    select dates.*
    from {{ ref('int_build') }} as build
    inner join {{ ref('int_rate_dates') }} as dates
        on build.as_of_date = dates.as_of_date

),

rate_pairs as (

    {{ sightings('dates', [
        'spans.client_id', 'spans.partner_id', 'spans.partner_cookie_id', 'pairs.crm_record_id', 'spans.site_id',
    ]) }}

)

select * from rate_pairs

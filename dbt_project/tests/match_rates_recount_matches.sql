-- Law: the headline of the newest day can be counted by hand. It is the distinct records among
-- the deliverable matches whose cookie was seen in the look-back, for each partner and, each
-- record once, for all of them together.
with

build as (

    select * from {{ ref('build') }}

),

seen as (

    select matches.client_id, matches.partner_id, matches.crm_record_id
    from {{ ref('matches') }} as matches
    cross join build
    where
        matches.is_deliverable
        and matches.last_seen_at >= {{ days_before('build.as_of', var('headline_days')) }}

),

counted as (

    select client_id, partner_id, count(distinct crm_record_id) as records
    from seen
    group by client_id, partner_id
    union all
    select client_id, 'all' as partner_id, count(distinct crm_record_id) as records
    from seen
    group by client_id

),

stated as (

    select rates.client_id, rates.partner_id, rates.numerator
    from {{ ref('match_rates') }} as rates
    inner join build
        on rates.as_of_date = build.as_of_date
    where
        rates.look_back_days = {{ var('headline_days') }}
        and rates.breakdown = 'all'
        and rates.partner_id <> 'mapp_cep'

)

select
    coalesce(stated.client_id, counted.client_id) as client_id,
    coalesce(stated.partner_id, counted.partner_id) as partner_id,
    stated.numerator,
    counted.records
from stated
full outer join counted
    on stated.client_id = counted.client_id and stated.partner_id = counted.partner_id
where coalesce(stated.numerator, -1) <> coalesce(counted.records, 0)

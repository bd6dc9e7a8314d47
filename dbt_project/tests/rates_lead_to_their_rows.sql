-- Law: every number of the match rates can be clicked down to its rows. On the newest day, for
-- each partner, identifier type and site, the headline's numerator is the distinct records seen
-- in its look-back, and its denominator the eligible ones; for CEP it is the contacts linked.
with

build as (

    select * from {{ ref('build') }}

),

records as (

    select
        client_id, crm_record_id,
        max(case when identifier_types like '%email%' then 1 else 0 end) as email,
        max(case when identifier_types like '%phone%' then 1 else 0 end) as phone,
        max(case when identifier_types like '%postal%' then 1 else 0 end) as postal
    from {{ ref('record_progress') }}
    where is_eligible
    group by client_id, crm_record_id

),

rates as (

    select rates.*, build.as_of
    from {{ ref('match_rates') }} as rates
    inner join build
        on rates.as_of_date = build.as_of_date
    inner join (select distinct client_id from {{ ref('record_progress') }}) as clients
        on rates.client_id = clients.client_id
    where rates.look_back_days = {{ var('headline_days') }}

),

eligible as (

    select rates.client_id, rates.breakdown, rates.breakdown_value, count(records.crm_record_id) as records
    from (select distinct client_id, breakdown, breakdown_value from rates where partner_id <> 'mapp_cep') as rates
    left join records
        on
            rates.client_id = records.client_id
            and case rates.breakdown_value
                when 'email' then records.email when 'phone' then records.phone
                when 'postal' then records.postal else 1
            end = 1
    group by rates.client_id, rates.breakdown, rates.breakdown_value

),

sightings as (

    select client_id, partner_id, crm_record_id, site_id, last_seen_at from {{ ref('record_sightings') }}
    union all
    select client_id, 'all' as partner_id, crm_record_id, site_id, last_seen_at from {{ ref('record_sightings') }}

),

seen as (

    select
        rates.client_id, rates.partner_id, rates.look_back_days, rates.breakdown, rates.breakdown_value,
        count(distinct sightings.crm_record_id) as records
    from rates
    inner join sightings
        on
            rates.client_id = sightings.client_id
            and rates.partner_id = sightings.partner_id
            and (rates.breakdown <> 'site' or rates.breakdown_value = sightings.site_id)
            and sightings.last_seen_at >= {{ days_before('rates.as_of', 'rates.look_back_days') }}
    inner join records
        on
            sightings.client_id = records.client_id
            and sightings.crm_record_id = records.crm_record_id
            and case rates.breakdown_value
                when 'email' then records.email when 'phone' then records.phone
                when 'postal' then records.postal else 1
            end = 1
    where rates.partner_id <> 'mapp_cep'
    group by rates.client_id, rates.partner_id, rates.look_back_days, rates.breakdown, rates.breakdown_value

),

contacts as (

    select
        rates.client_id, rates.look_back_days, rates.breakdown_value,
        count(case
            when case rates.breakdown_value
                when 'click' then links.last_click_at when 'read' then links.last_read_at
                when 'identify' then links.last_identify_at else links.last_linked_at
            end >= {{ days_before('rates.as_of', 'rates.look_back_days') }} then 1
        end) as numerator,
        count(*) as denominator
    from rates
    inner join {{ ref('cep_links') }} as links
        on rates.client_id = links.client_id
    where rates.partner_id = 'mapp_cep'
    group by rates.client_id, rates.look_back_days, rates.breakdown_value

)

select rates.*
from rates
left join eligible
    on
        rates.client_id = eligible.client_id
        and rates.breakdown = eligible.breakdown
        and rates.breakdown_value = eligible.breakdown_value
left join seen
    on
        rates.client_id = seen.client_id
        and rates.partner_id = seen.partner_id
        and rates.look_back_days = seen.look_back_days
        and rates.breakdown = seen.breakdown
        and rates.breakdown_value = seen.breakdown_value
left join contacts
    on
        rates.client_id = contacts.client_id
        and rates.look_back_days = contacts.look_back_days
        and rates.breakdown_value = contacts.breakdown_value
        and rates.partner_id = 'mapp_cep'
where
    rates.numerator <> coalesce(case when rates.partner_id = 'mapp_cep' then contacts.numerator else seen.records end, 0)
    or rates.denominator
    <> coalesce(case when rates.partner_id = 'mapp_cep' then contacts.denominator else eligible.records end, 0)

-- Law 4: no exported or published file has an identifier hash or key. No value of the columns
-- that carry ids of others is one of the identifier keys we hold; the gates, which need them,
-- are dropped before a file is written.
with

keys as (

    select distinct client_id, identifier_key
    from {{ ref('int_record_keys') }}
    where identifier_type <> 'cep_contact'

),

-- Hits of the last day's loads; older ones were looked at when they were new.
newest_hits as (

    select * from {{ ref('visitor_hits') }}
    where {{ landed_lately() }}

),

published as (

    select client_id, crm_record_id as published_value from {{ ref('matches') }}
    union all
    select client_id, crm_record_id from {{ ref('record_lives') }}
    union all
    select client_id, partner_cookie_id from {{ ref('partner_cookies') }}
    union all
    select client_id, value from {{ ref('people_attributes') }}
    union all
    select client_id, event_name from newest_hits
    union all
    select client_id, message_id from newest_hits
    union all
    select client_id, section from newest_hits

)

select distinct published.*
from published
inner join keys
    on published.client_id = keys.client_id and published.published_value = keys.identifier_key

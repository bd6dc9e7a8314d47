with

browsers as (

    select * from {{ ref('int_match_browsers') }}

)

select
    {{ hash_id(['client_id', 'partner_id', 'partner_cookie_id', 'crm_record_id']) }} as match_id,
    client_id,
    partner_id,
    crm_record_id,
    {{ published_key('client_id', 'visitor_id') }} as visitor_key,
    first_seen_at,
    last_seen_at
from browsers

with

matches as (

    select * from {{ ref('matches') }}
    where is_deliverable

)

select
    client_id,
    partner_id,
    partner_cookie_id,
    crm_record_id,
    cookie_seen_load_seq,
    last_seen_at
from matches

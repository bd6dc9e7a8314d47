-- Law 5: what partners may hold are the deliverable matches, all of them and nothing else, and
-- each pair has at least one browser in the gate, so that an opt-out that comes after the build
-- still reaches the file.
with

pairs as (

    select * from {{ ref('exp_partner_pairs') }}

),

deliverable as (

    select * from {{ ref('matches') }}
    where is_deliverable

),

gated as (

    select distinct client_id, partner_id, partner_cookie_id, crm_record_id
    from {{ ref('exp_partner_pair_gates') }}
    where subject_type = 'visitor'

)

select
    coalesce(pairs.client_id, deliverable.client_id) as client_id,
    coalesce(pairs.partner_id, deliverable.partner_id) as partner_id,
    deliverable.match_id
from pairs
full outer join deliverable
    on
        pairs.client_id = deliverable.client_id
        and pairs.partner_id = deliverable.partner_id
        and pairs.partner_cookie_id = deliverable.partner_cookie_id
        and pairs.crm_record_id = deliverable.crm_record_id
left join gated
    on
        pairs.client_id = gated.client_id
        and pairs.partner_id = gated.partner_id
        and pairs.partner_cookie_id = gated.partner_cookie_id
        and pairs.crm_record_id = gated.crm_record_id
where pairs.client_id is null or deliverable.client_id is null or gated.client_id is null

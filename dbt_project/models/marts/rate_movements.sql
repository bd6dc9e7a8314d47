{{ mart_view() }}

with

movements as (

    select * from {{ ref('int_rate_movements') }}

)

select client_id, partner_id, crm_record_id, reason, matched_change, eligible_change from movements

-- Law 3: each step of record_funnel is a subset of the one before. Records that reach a step
-- are those that reach the next one plus all that are lost before it, so nothing leaves the
-- funnel without a reason.
with

funnel as (

    select * from {{ ref('record_funnel') }}

),

reached as (

    select client_id, partner_id, identifier_type, step_number, records from funnel
    where reason is null

),

lost as (

    select client_id, partner_id, identifier_type, step_number, sum(records) as records
    from funnel
    where reason is not null
    group by client_id, partner_id, identifier_type, step_number

)

select
    before.client_id,
    before.partner_id,
    before.identifier_type,
    before.step_number,
    before.records,
    after.records as next_records,
    lost.records as lost_records
from reached as before
left join reached as after
    on
        before.client_id = after.client_id
        and before.partner_id = after.partner_id
        and before.identifier_type = after.identifier_type
        and before.step_number + 1 = after.step_number
left join lost
    on
        before.client_id = lost.client_id
        and before.partner_id = lost.partner_id
        and before.identifier_type = lost.identifier_type
        and before.step_number + 1 = lost.step_number
where before.step_number < 6 and before.records <> coalesce(after.records, -1) + coalesce(lost.records, 0)

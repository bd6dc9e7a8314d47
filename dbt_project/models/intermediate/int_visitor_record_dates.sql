-- Which browser belongs to which record, how surely, on each day that is restated.
with

clients as (

    select * from {{ ref('stg_registry__clients') }}

),

pairs as (

    select
        *,
        {{ days_between('last_evidence_date', 'as_of_date') }} as evidence_age_days,
        case
            when basis in ('identify', 'bake', 'read', 'click') then 2 when basis = 'household' then 0 else 1
        end as directness
    from {{ ref('int_visitor_record_evidence') }}

),

compared as (

    select
        *,
        count(*) over browser as records_on_browser,
        count(*) over record as browsers_of_record,
        case
            when directness = 2 then count(case when directness = 2 then 1 end) over browser > 1
            when directness = 1 then count(case when directness = 2 then 1 end) over browser > 0
            else count(case when directness > 0 then 1 end) over browser > 0
        end as has_rival
    from pairs
    window
        browser as (partition by as_of_date, client_id, visitor_id),
        record as (partition by as_of_date, client_id, crm_record_id)

),

weighed as (

    select *, {{ confidence_points() }}
    from compared

),

decisions as (

    select * from {{ ref('int_match_decisions') }}

),

decided as (

    select distinct as_of_date, client_id, visitor_id from decisions
    where decision = 'this_record'

),

judged as (

    select
        weighed.*,
        {{ confidence() }} as confidence,
        weighed.records_on_browser > {{ var('hot_visitor_records') }} as is_hot,
        decisions.decision,
        decisions.decided_by,
        decisions.decided_at,
        decided.visitor_id is not null as is_decided
    from weighed
    left join decisions
        on
            weighed.as_of_date = decisions.as_of_date
            and weighed.client_id = decisions.client_id
            and weighed.visitor_id = decisions.visitor_id
            and weighed.crm_record_id = decisions.crm_record_id
    left join decided
        on
            weighed.as_of_date = decided.as_of_date
            and weighed.client_id = decided.client_id
            and weighed.visitor_id = decided.visitor_id

),

-- A person's word goes before the evidence: this record and no other, or not this one.
flagged as (

    select
        judged.*,
        case
            when judged.is_decided then coalesce(judged.decision = 'this_record', false)
            when judged.decision = 'not_this_record' then false
            else not judged.is_hot and judged.confidence >= clients.confidence_threshold
        end as is_confident
    from judged
    inner join clients
        on judged.client_id = clients.client_id

)

select * from flagged

-- What speaks for each browser and record on each day that is restated.
with

evidence as (

    select * from {{ ref('int_record_evidence') }}

),

pairs as (

    select
        as_of_date,
        client_id,
        visitor_id,
        crm_record_id,
        max(case when evidence_type = 'click' then 1 else 0 end) as clicks,
        max(case when evidence_type = 'read' then 1 else 0 end) as reads,
        max(case when evidence_type = 'identify' then 1 else 0 end) as identifies,
        max(case when evidence_type = 'bake' then 1 else 0 end) as bakes,
        cast(sum(days) as bigint) as evidence_days,
        {{ evidence_strength('evidence_type', 'days') }} as strength,
        min(first_date) as first_evidence_date,
        max(last_date) as last_evidence_date
    from evidence
    group by as_of_date, client_id, visitor_id, crm_record_id

)

select * from pairs

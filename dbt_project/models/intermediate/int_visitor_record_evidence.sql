-- What speaks for each browser and record on each day that is restated. An identifier is the
-- record's own when no other live record bears it; an address is a household's.
with

evidence as (

    select
        *,
        records_on_key = 1 and identifier_type <> 'postal' as is_own,
        records_on_key > 1 and identifier_type <> 'postal' as is_shared
    from {{ ref('int_record_evidence') }}

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
        max(case when is_own and evidence_type = 'click' then 1 else 0 end) as own_clicks,
        max(case when is_own and evidence_type = 'read' then 1 else 0 end) as own_reads,
        max(case when is_own and evidence_type = 'identify' then 1 else 0 end) as own_identifies,
        max(case when is_own and evidence_type = 'bake' then 1 else 0 end) as own_bakes,
        max(case when is_shared then 1 else 0 end) as shared,
        cast(sum(days) as bigint) as evidence_days,
        cast(sum(case when is_own then days else 0 end) as bigint) as own_days,
        min(first_date) as first_evidence_date,
        max(last_date) as last_evidence_date
    from evidence
    group by as_of_date, client_id, visitor_id, crm_record_id

),

described as (

    select
        pairs.as_of_date,
        pairs.client_id,
        pairs.visitor_id,
        pairs.crm_record_id,
        case
            when pairs.own_identifies = 1 then 'identify'
            when pairs.own_bakes = 1 then 'bake'
            when pairs.own_reads = 1 then 'read'
            when pairs.own_clicks = 1 then 'click'
            when pairs.shared = 1 then coalesce(rivals.relation, 'shared')
            else 'household'
        end as basis,
        pairs.clicks,
        pairs.reads,
        pairs.identifies,
        pairs.bakes,
        pairs.own_clicks + pairs.own_reads + pairs.own_identifies + pairs.own_bakes as own_kinds,
        pairs.evidence_days,
        pairs.own_days,
        coalesce(visitors.first_browsed_date <= pairs.as_of_date, false) as is_browsing,
        pairs.first_evidence_date,
        pairs.last_evidence_date
    from pairs
    left join {{ ref('int_record_rivals') }} as rivals
        on
            pairs.as_of_date = rivals.as_of_date
            and pairs.client_id = rivals.client_id
            and pairs.crm_record_id = rivals.crm_record_id
    left join {{ ref('int_visitors') }} as visitors
        on pairs.client_id = visitors.client_id and pairs.visitor_id = visitors.visitor_id

)

select * from described

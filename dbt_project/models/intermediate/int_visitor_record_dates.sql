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

judged as (

    select
        *,
        {{ confidence() }} as confidence,
        records_on_browser > {{ var('hot_visitor_records') }} as is_hot
    from weighed

),

flagged as (

    select
        judged.*,
        not judged.is_hot and judged.confidence >= clients.confidence_threshold as is_confident
    from judged
    inner join clients
        on judged.client_id = clients.client_id

)

select * from flagged

-- What people's word was on each day that is restated: of several on one browser and record the
-- newest stands, and one that opens the question again is none.
with

decisions as (

    select * from {{ ref('stg_state__match_decisions') }}

),

visitors as (

    select visitors.client_id, visitors.visitor_id
    from {{ ref('int_visitors') }} as visitors
    inner join (select distinct client_id from decisions) as deciding
        on visitors.client_id = deciding.client_id

),

spans as (

    select
        decisions.client_id,
        visitors.visitor_id,
        decisions.crm_record_id,
        decisions.decision,
        decisions.decided_by,
        decisions.decided_at,
        lead(decisions.decided_at) over (
            partition by decisions.client_id, decisions.visitor_key, decisions.crm_record_id
            order by decisions.decided_at
        ) as overruled_at
    from decisions
    inner join visitors
        on
            decisions.client_id = visitors.client_id
            and decisions.visitor_key = {{ published_key('visitors.client_id', 'visitors.visitor_id') }}

),

standing as (

    select
        dates.as_of_date,
        spans.client_id,
        spans.visitor_id,
        spans.crm_record_id,
        spans.decision,
        spans.decided_by,
        spans.decided_at
    from spans
    inner join {{ ref('int_rate_dates') }} as dates
        on spans.decided_at <= dates.end_at and coalesce(spans.overruled_at > dates.end_at, true)
    where spans.decision <> 'open'

)

select * from standing

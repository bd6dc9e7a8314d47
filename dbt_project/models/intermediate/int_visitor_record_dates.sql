-- Which browser belongs to which record, how surely, on each day that is restated.
with

clients as (

    select * from {{ ref('stg_registry__clients') }}

),

pairs as (

    select * from {{ ref('int_visitor_record_evidence') }}

),

compared as (

    select
        *,
        count(*) over browser as records_on_browser,
        evidence_days * 1.0 / sum(evidence_days) over browser as evidence_share
    from pairs
    window browser as (partition by as_of_date, client_id, visitor_id)

),

judged as (

    select
        compared.as_of_date,
        compared.client_id,
        compared.visitor_id,
        compared.crm_record_id,
        compared.clicks,
        compared.reads,
        compared.identifies,
        compared.bakes,
        compared.evidence_days,
        compared.records_on_browser,
        {{ confidence('compared.strength', 'compared.evidence_share') }} as confidence,
        compared.records_on_browser > {{ var('hot_visitor_records') }} as is_hot,
        compared.first_evidence_date,
        compared.last_evidence_date
    from compared

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

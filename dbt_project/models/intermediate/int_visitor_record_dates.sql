-- Which browser belongs to which record, how surely, on each day that is restated.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

clients as (

    select * from {{ ref('stg_registry__clients') }}

),

evidence as (

    select * from {{ ref('int_evidence_spans') }}

),

suppressions as (

    select * from {{ ref('int_suppressions') }}

),

records as (

    select * from {{ ref('int_record_dates') }}
    where is_eligible

),

-- A bake on a publisher's site is evidence for each client of that publisher.
scoped as (

    select client_id as evidence_client_id, evidence.* from evidence
    where client_id <> ''
    union all
    select publishers.client_id as evidence_client_id, evidence.*
    from evidence
    inner join {{ ref('stg_registry__publishers') }} as publishers
        on evidence.publisher_id = publishers.publisher_id
    where evidence.client_id = ''

),

current_evidence as (

    select
        dates.as_of_date,
        dates.end_at,
        scoped.evidence_client_id as client_id,
        scoped.visitor_id,
        scoped.evidence_type,
        scoped.identifier_type,
        scoped.identifier_key,
        scoped.days,
        scoped.first_date,
        scoped.valid_from as last_date
    from dates
    inner join scoped
        on scoped.valid_from <= dates.as_of_date and scoped.valid_until > dates.as_of_date
    inner join clients
        on scoped.evidence_client_id = clients.client_id
    where {{ add_days('scoped.valid_from', 'clients.evidence_days') }} > dates.as_of_date

),

unsuppressed as (

    select current_evidence.*
    from current_evidence
    left join suppressions
        on
            current_evidence.client_id = suppressions.client_id
            and suppressions.subject_type = 'visitor'
            and current_evidence.visitor_id = suppressions.subject_id
            and suppressions.suppressed_at <= current_evidence.end_at
    where suppressions.subject_id is null

),

owned as (

    select
        unsuppressed.*,
        record_keys.crm_record_id,
        count(*) over (
            partition by
                unsuppressed.as_of_date, unsuppressed.client_id, unsuppressed.visitor_id,
                unsuppressed.evidence_type, unsuppressed.identifier_type, unsuppressed.identifier_key
        ) as records_on_key
    from unsuppressed
    inner join {{ ref('int_record_keys') }} as record_keys
        on
            unsuppressed.client_id = record_keys.client_id
            and unsuppressed.identifier_type = record_keys.identifier_type
            and unsuppressed.identifier_key = record_keys.identifier_key
            and record_keys.valid_from <= unsuppressed.as_of_date
            and record_keys.valid_until > unsuppressed.as_of_date

),

pairs as (

    select
        owned.as_of_date,
        owned.client_id,
        owned.visitor_id,
        owned.crm_record_id,
        max(case when owned.evidence_type = 'click' then 1 else 0 end) as clicks,
        max(case when owned.evidence_type = 'read' then 1 else 0 end) as reads,
        max(case when owned.evidence_type = 'identify' then 1 else 0 end) as identifies,
        max(case when owned.evidence_type = 'bake' then 1 else 0 end) as bakes,
        cast(sum(owned.days) as bigint) as evidence_days,
        {{ evidence_strength('owned.evidence_type', 'owned.days') }} as strength,
        min(owned.first_date) as first_evidence_date,
        max(owned.last_date) as last_evidence_date
    from owned
    inner join records
        on
            owned.as_of_date = records.as_of_date
            and owned.client_id = records.client_id
            and owned.crm_record_id = records.crm_record_id
    where owned.records_on_key <= {{ var('hot_key_records') }}
    group by owned.as_of_date, owned.client_id, owned.visitor_id, owned.crm_record_id

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

with

build as (

    select * from {{ ref('int_build') }}

),

evidence as (

    select evidence.*
    from {{ ref('int_record_evidence') }} as evidence
    inner join build
        on evidence.as_of_date = build.as_of_date

),

-- A publisher's log-in has no client of its own.
evidence_days as (

    select * from {{ ref('int_evidence_days') }}
    where hit_date > (select {{ add_days('as_of_date', -400) }} from build)

),

loads as (

    select load_seq, file_name from {{ ref('stg_ledger__loads') }}

),

summed as (

    select
        evidence.client_id,
        evidence.crm_record_id,
        evidence.visitor_id,
        evidence_days.evidence_type,
        evidence_days.identifier_type,
        cast(sum(evidence_days.hits) as bigint) as hits,
        min(evidence_days.first_line) as first_line,
        max(evidence_days.last_line) as last_line,
        min(evidence_days.first_hit_at) as first_hit_at,
        max(evidence_days.last_hit_at) as last_hit_at,
        evidence_days.hit_date
    from evidence
    inner join {{ ref('stg_registry__clients') }} as clients
        on evidence.client_id = clients.client_id
    inner join evidence_days
        on
            evidence.visitor_id = evidence_days.visitor_id
            and evidence.evidence_type = evidence_days.evidence_type
            and evidence.identifier_type = evidence_days.identifier_type
            and evidence.identifier_key = evidence_days.identifier_key
            and evidence.publisher_id = evidence_days.publisher_id
            and evidence_days.client_id = case when evidence.publisher_id = '' then evidence.client_id else '' end
            and evidence_days.hit_date <= evidence.as_of_date
            and {{ add_days('evidence_days.hit_date', 'clients.evidence_days') }} > evidence.as_of_date
    group by
        evidence.client_id, evidence.crm_record_id, evidence.visitor_id,
        evidence_days.evidence_type, evidence_days.identifier_type, evidence_days.hit_date

),

match_evidence as (

    select
        summed.client_id,
        summed.crm_record_id,
        summed.evidence_type,
        summed.identifier_type,
        {{ published_key('summed.client_id', 'summed.visitor_id') }} as visitor_key,
        summed.hits,
        {{ line_load('summed.first_line') }} as first_load_seq,
        {{ line_number('summed.first_line') }} as first_line_number,
        first_loads.file_name as first_file_name,
        {{ line_load('summed.last_line') }} as last_load_seq,
        {{ line_number('summed.last_line') }} as last_line_number,
        last_loads.file_name as last_file_name,
        summed.first_hit_at,
        summed.last_hit_at,
        summed.hit_date
    from summed
    inner join loads as first_loads
        on {{ line_load('summed.first_line') }} = first_loads.load_seq
    inner join loads as last_loads
        on {{ line_load('summed.last_line') }} = last_loads.load_seq

)

select * from match_evidence

-- Browsers that must not count in an audience: the browser itself refused, or all that it was lately
-- recognised by belongs to people who opted out. Who shares a browser with them still counts: a
-- browser that is somebody else's, or has a contact that can be reached, is left to its own word.
with

build as (

    select * from {{ ref('int_build') }}

),

suppressions as (

    select suppressions.client_id, suppressions.subject_type, suppressions.subject_id
    from {{ ref('int_suppressions') }} as suppressions
    inner join build
        on suppressions.suppressed_at <= build.as_of

),

opted_out_keys as (

    select
        client_id,
        subject_id as identifier_key,
        subject_type = 'cep_contact' as is_contact
    from suppressions
    where subject_type in ('identifier', 'cep_contact')
    union
    select
        record_keys.client_id,
        record_keys.identifier_key,
        record_keys.identifier_type = 'cep_contact' as is_contact
    from {{ ref('int_record_keys') }} as record_keys
    inner join {{ ref('int_record_suppressions') }} as records
        on
            record_keys.client_id = records.client_id
            and record_keys.crm_record_id = records.crm_record_id
    inner join build
        on records.suppressed_at <= build.as_of

),

recognised as (

    select distinct evidence.client_id, evidence.visitor_id
    from {{ ref('int_evidence_spans') }} as evidence
    inner join build
        on evidence.valid_from <= build.as_of_date and evidence.valid_until > build.as_of_date
    inner join opted_out_keys
        on
            evidence.client_id = opted_out_keys.client_id
            and evidence.identifier_key = opted_out_keys.identifier_key
            and (evidence.identifier_type = 'cep_contact') = opted_out_keys.is_contact
    where evidence.days > 0

),

shared as (

    select client_id, visitor_id from {{ ref('int_members') }}
    where is_matched
    union
    select client_id, visitor_id from {{ ref('cep_contacts') }}
    where is_reachable

),

opted_out_browsers as (

    select client_id, subject_id as visitor_id
    from suppressions
    where subject_type = 'visitor'
    union
    select recognised.client_id, recognised.visitor_id
    from recognised
    left join shared
        on recognised.client_id = shared.client_id and recognised.visitor_id = shared.visitor_id
    where shared.visitor_id is null

)

select * from opted_out_browsers

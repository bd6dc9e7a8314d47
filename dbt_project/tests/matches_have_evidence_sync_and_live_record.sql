-- Law 2: every match has evidence, a sync and a live CRM record; no match involves a suppressed
-- identifier, visitor, record or contact. So for each match there is a browser that showed the
-- cookie, has evidence for the record, and has not opted out, and the record is eligible today.
with

build as (

    select * from {{ ref('int_build') }}

),

opted_out as (

    select suppressions.client_id, suppressions.subject_type, suppressions.subject_id
    from {{ ref('int_suppressions') }} as suppressions
    inner join build
        on suppressions.suppressed_at < cast(build.as_of_date as timestamp)

),

supported as (

    select distinct syncs.client_id, syncs.partner_id, syncs.partner_cookie_id, records.crm_record_id
    from {{ ref('int_syncs') }} as syncs
    inner join {{ ref('int_visitor_records') }} as records
        on syncs.client_id = records.client_id and syncs.visitor_id = records.visitor_id
    left join opted_out
        on
            syncs.client_id = opted_out.client_id
            and opted_out.subject_type = 'visitor'
            and syncs.visitor_id = opted_out.subject_id
    where opted_out.subject_id is null

),

keys_out as (

    select distinct record_keys.client_id, record_keys.crm_record_id
    from {{ ref('int_record_keys') }} as record_keys
    inner join build
        on record_keys.valid_from <= build.as_of_date and record_keys.valid_until > build.as_of_date
    inner join opted_out
        on
            record_keys.client_id = opted_out.client_id
            and record_keys.identifier_key = opted_out.subject_id
            and opted_out.subject_type
            = case when record_keys.identifier_type = 'cep_contact' then 'cep_contact' else 'identifier' end

),

records_out as (

    select client_id, subject_id as crm_record_id from opted_out
    where subject_type = 'record'
    union
    select client_id, crm_record_id from keys_out

),

eligible as (

    select records.client_id, records.crm_record_id
    from {{ ref('int_record_dates') }} as records
    inner join build
        on records.as_of_date = build.as_of_date
    where records.is_eligible

)

select matches.client_id, matches.partner_id, matches.match_id
from {{ ref('matches') }} as matches
left join supported
    on
        matches.client_id = supported.client_id
        and matches.partner_id = supported.partner_id
        and matches.partner_cookie_id = supported.partner_cookie_id
        and matches.crm_record_id = supported.crm_record_id
left join eligible
    on matches.client_id = eligible.client_id and matches.crm_record_id = eligible.crm_record_id
left join records_out
    on matches.client_id = records_out.client_id and matches.crm_record_id = records_out.crm_record_id
where
    supported.crm_record_id is null
    or eligible.crm_record_id is null
    or records_out.crm_record_id is not null

-- Whoever opted out with one identifier or contact id is out with every record that bears it.
with

suppressions as (

    select * from {{ ref('int_suppressions') }}

),

record_keys as (

    select distinct client_id, crm_record_id, identifier_type, identifier_key
    from {{ ref('int_record_keys') }}

),

by_record as (

    select client_id, subject_id as crm_record_id, suppressed_at
    from suppressions
    where subject_type = 'record'

),

by_key as (

    select
        record_keys.client_id,
        record_keys.crm_record_id,
        suppressions.suppressed_at
    from record_keys
    inner join suppressions
        on
            record_keys.client_id = suppressions.client_id
            and record_keys.identifier_key = suppressions.subject_id
            and case
                when record_keys.identifier_type = 'cep_contact' then 'cep_contact' else 'identifier'
            end = suppressions.subject_type

),

unioned as (

    select * from by_record
    union all
    select * from by_key

),

earliest as (

    select client_id, crm_record_id, min(suppressed_at) as suppressed_at
    from unioned
    group by client_id, crm_record_id

)

select * from earliest

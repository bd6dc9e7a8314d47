-- Which evidence speaks for which record on each day that is restated: an identifier speaks for
-- every record that bears it, unless it is on too many to be a person's or is a value that forms
-- are filled with.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

evidence as (

    select * from {{ ref('int_evidence_spans') }}
    where days > 0

),

suppressions as (

    select * from {{ ref('int_suppressions') }}
    where subject_type = 'visitor'

),

record_keys as (

    select record_keys.*
    from {{ ref('int_record_keys') }} as record_keys
    left join {{ ref('stg_registry__blocked_keys') }} as blocked
        on
            record_keys.identifier_type = blocked.identifier_type
            and record_keys.identifier_key = blocked.identifier_key
    where blocked.identifier_key is null

),

records as (

    select * from {{ ref('int_record_dates') }}
    where is_eligible

),

unsuppressed as (

    select dates.as_of_date, evidence.*
    from dates
    inner join evidence
        on evidence.valid_from <= dates.as_of_date and evidence.valid_until > dates.as_of_date
    left join suppressions
        on
            evidence.client_id = suppressions.client_id
            and evidence.visitor_id = suppressions.subject_id
            and suppressions.suppressed_at <= dates.end_at
    where suppressions.subject_id is null

),

owned as (

    select
        unsuppressed.as_of_date,
        unsuppressed.client_id,
        unsuppressed.publisher_id,
        unsuppressed.visitor_id,
        record_keys.crm_record_id,
        unsuppressed.evidence_type,
        unsuppressed.identifier_type,
        unsuppressed.identifier_key,
        unsuppressed.days,
        count(*) over (
            partition by
                unsuppressed.as_of_date, unsuppressed.client_id, unsuppressed.publisher_id,
                unsuppressed.visitor_id, unsuppressed.evidence_type, unsuppressed.identifier_type,
                unsuppressed.identifier_key
        ) as records_on_key,
        unsuppressed.first_date,
        unsuppressed.last_date
    from unsuppressed
    inner join record_keys
        on
            unsuppressed.client_id = record_keys.client_id
            and unsuppressed.identifier_type = record_keys.identifier_type
            and unsuppressed.identifier_key = record_keys.identifier_key
            and record_keys.valid_from <= unsuppressed.as_of_date
            and record_keys.valid_until > unsuppressed.as_of_date

),

spoken_for as (

    select owned.*
    from owned
    inner join records
        on
            owned.as_of_date = records.as_of_date
            and owned.client_id = records.client_id
            and owned.crm_record_id = records.crm_record_id
    where
        owned.records_on_key <= case owned.identifier_type
            {%- for type, records in var('hot_key_records').items() %}
            when '{{ type }}' then {{ records }}
            {%- endfor %}
        end

)

select * from spoken_for

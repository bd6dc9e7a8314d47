-- CEP contacts we know of on each day that is restated, and when each was last linked to a browser.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

suppressions as (

    select * from {{ ref('int_suppressions') }}

),

uploaded as (

    select
        dates.as_of_date,
        dates.end_at,
        record_keys.client_id,
        record_keys.identifier_key as cep_contact_id,
        cast(null as timestamp) as last_linked_at
    from dates
    inner join {{ ref('int_record_keys') }} as record_keys
        on record_keys.valid_from <= dates.as_of_date and record_keys.valid_until > dates.as_of_date
    where record_keys.identifier_type = 'cep_contact'

),

linked as (

    select
        dates.as_of_date,
        dates.end_at,
        evidence.client_id,
        evidence.identifier_key as cep_contact_id,
        case when suppressions.subject_id is null then evidence.last_hit_at end as last_linked_at
    from dates
    inner join {{ ref('int_evidence_spans') }} as evidence
        on evidence.valid_from <= dates.as_of_date and evidence.valid_until > dates.as_of_date
    left join suppressions
        on
            evidence.client_id = suppressions.client_id
            and suppressions.subject_type = 'visitor'
            and evidence.visitor_id = suppressions.subject_id
            and suppressions.suppressed_at <= dates.end_at
    where evidence.identifier_type = 'cep_contact'

),

unioned as (

    select * from uploaded
    union all
    select * from linked

),

known as (

    select
        unioned.as_of_date,
        unioned.end_at,
        unioned.client_id,
        unioned.cep_contact_id,
        max(unioned.last_linked_at) as last_linked_at
    from unioned
    left join suppressions
        on
            unioned.client_id = suppressions.client_id
            and suppressions.subject_type = 'cep_contact'
            and unioned.cep_contact_id = suppressions.subject_id
            and suppressions.suppressed_at <= unioned.end_at
    where suppressions.subject_id is null
    group by unioned.as_of_date, unioned.end_at, unioned.client_id, unioned.cep_contact_id

)

select * from known

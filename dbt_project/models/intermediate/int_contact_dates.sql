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
        cast(null as string) as how,
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
        evidence.evidence_type as how,
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

-- Signed in on the site as a record that bears the contact id.
identified as (

    select
        dates.as_of_date,
        dates.end_at,
        evidence.client_id,
        record_keys.identifier_key as cep_contact_id,
        'identify' as how,
        cast(evidence.last_date as timestamp) as last_linked_at
    from {{ ref('int_record_evidence') }} as evidence
    inner join dates
        on evidence.as_of_date = dates.as_of_date
    inner join {{ ref('int_visitor_record_dates') }} as pairs
        on
            evidence.as_of_date = pairs.as_of_date
            and evidence.client_id = pairs.client_id
            and evidence.visitor_id = pairs.visitor_id
            and evidence.crm_record_id = pairs.crm_record_id
    inner join {{ ref('int_record_keys') }} as record_keys
        on
            evidence.client_id = record_keys.client_id
            and evidence.crm_record_id = record_keys.crm_record_id
            and record_keys.identifier_type = 'cep_contact'
            and record_keys.valid_from <= evidence.as_of_date
            and record_keys.valid_until > evidence.as_of_date
    where evidence.evidence_type = 'identify' and pairs.is_confident

),

unioned as (

    select * from uploaded
    union all
    select * from linked
    union all
    select * from identified

),

known as (

    select
        unioned.as_of_date,
        unioned.end_at,
        unioned.client_id,
        unioned.cep_contact_id,
        max(case when unioned.how in ('click', 'read') then unioned.last_linked_at end) as last_linked_at,
        max(case when unioned.how = 'click' then unioned.last_linked_at end) as last_click_at,
        max(case when unioned.how = 'read' then unioned.last_linked_at end) as last_read_at,
        max(case when unioned.how = 'identify' then unioned.last_linked_at end) as last_identify_at
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

{% set enough = 50 %}

with

build as (

    select * from {{ ref('int_build') }}

),

types as (

    select 'email' as identifier_type union all select 'phone' union all select 'postal'
    union all select 'cep_contact'

),

records as (

    select
        records.client_id,
        records.crm_record_id,
        case when matched.crm_record_id is null then 0 else 1 end as is_matched
    from {{ ref('int_record_dates') }} as records
    inner join build
        on records.as_of_date = build.as_of_date
    left join {{ ref('int_matched_records') }} as matched
        on records.client_id = matched.client_id and records.crm_record_id = matched.crm_record_id
    where records.is_eligible

),

record_keys as (

    select record_keys.*
    from {{ ref('int_record_keys') }} as record_keys
    inner join build
        on record_keys.valid_from <= build.as_of_date and record_keys.valid_until > build.as_of_date

),

held as (

    select distinct client_id, crm_record_id, identifier_type from record_keys

),

evidence as (

    select evidence.*
    from {{ ref('int_evidence_spans') }} as evidence
    inner join build
        on evidence.valid_from <= build.as_of_date and evidence.valid_until > build.as_of_date
    where evidence.days > 0

),

-- By which identifiers the browsers that are surely a record's were recognised.
spoken_for as (

    select distinct pairs.client_id, pairs.crm_record_id, evidence.identifier_type
    from {{ ref('int_visitor_records') }} as pairs
    inner join evidence
        on pairs.client_id = evidence.client_id and pairs.visitor_id = evidence.visitor_id
    inner join record_keys
        on
            pairs.client_id = record_keys.client_id
            and pairs.crm_record_id = record_keys.crm_record_id
            and evidence.identifier_type = record_keys.identifier_type
            and evidence.identifier_key = record_keys.identifier_key
    where pairs.is_confident

),

counted as (

    select
        records.client_id,
        types.identifier_type,
        count(held.crm_record_id) as records_with,
        count(*) - count(held.crm_record_id) as records_without,
        cast(sum(case when held.crm_record_id is null then 0 else records.is_matched end) as bigint) as matched_with,
        cast(sum(case when held.crm_record_id is null then records.is_matched else 0 end) as bigint)
            as matched_without,
        cast(sum(case when spoken_for.crm_record_id is null then 0 else records.is_matched end) as bigint)
            as matched_by
    from records
    cross join types
    left join held
        on
            records.client_id = held.client_id
            and records.crm_record_id = held.crm_record_id
            and types.identifier_type = held.identifier_type
    left join spoken_for
        on
            records.client_id = spoken_for.client_id
            and records.crm_record_id = spoken_for.crm_record_id
            and types.identifier_type = spoken_for.identifier_type
    group by records.client_id, types.identifier_type

),

compared as (

    select
        *,
        case when records_with >= {{ enough }} then matched_with * 1e0 / records_with end as rate_with,
        case when records_without >= {{ enough }} then matched_without * 1e0 / records_without end as rate_without
    from counted

),

coverage as (

    select
        client_id,
        identifier_type,
        records_with,
        records_without,
        matched_with,
        matched_without,
        matched_by,
        case
            when rate_with is not null and rate_without is not null
                then cast(floor(records_without * greatest(rate_with - rate_without, 0)) as bigint)
        end as matched_if_alike
    from compared

)

select * from coverage

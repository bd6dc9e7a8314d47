-- Two lists, or two columns of one, may name the same key of a record: it counts once.
with

said as (

    select distinct client_id, crm_record_id, identifier_type, identifier_key, valid_from, valid_until
    from {{ ref('int_list_record_keys') }}

),

compared as (

    select
        *,
        max(valid_until) over (
            partition by client_id, crm_record_id, identifier_type, identifier_key
            order by valid_from, valid_until rows between unbounded preceding and 1 preceding
        ) as covered_until
    from said

),

numbered as (

    select
        *,
        sum(case when covered_until >= valid_from then 0 else 1 end) over (
            partition by client_id, crm_record_id, identifier_type, identifier_key
            order by valid_from, valid_until rows between unbounded preceding and current row
        ) as span_number
    from compared

),

spans as (

    select
        client_id,
        crm_record_id,
        identifier_type,
        identifier_key,
        min(valid_from) as valid_from,
        max(valid_until) as valid_until
    from numbered
    group by client_id, crm_record_id, identifier_type, identifier_key, span_number

)

select * from spans

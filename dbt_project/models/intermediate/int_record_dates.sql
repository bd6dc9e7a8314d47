-- Which records count on each day that is restated, and which identifiers they have.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

live as (

    select distinct dates.as_of_date, dates.end_at, spans.client_id, spans.crm_record_id
    from dates
    inner join {{ ref('int_list_record_spans') }} as spans
        on
            spans.valid_from <= dates.as_of_date
            and coalesce(spans.valid_until, cast('9999-12-31' as date)) > dates.as_of_date

),

held as (

    select
        dates.as_of_date,
        record_keys.client_id,
        record_keys.crm_record_id,
        max(case when record_keys.identifier_type = 'email' then 1 else 0 end) as emails,
        max(case when record_keys.identifier_type = 'phone' then 1 else 0 end) as phones,
        max(case when record_keys.identifier_type = 'postal' then 1 else 0 end) as postals
    from dates
    inner join {{ ref('int_record_keys') }} as record_keys
        on record_keys.valid_from <= dates.as_of_date and record_keys.valid_until > dates.as_of_date
    group by dates.as_of_date, record_keys.client_id, record_keys.crm_record_id

),

judged as (

    select
        live.as_of_date,
        live.client_id,
        live.crm_record_id,
        coalesce(held.emails, 0) = 1 as has_email,
        coalesce(held.phones, 0) = 1 as has_phone,
        coalesce(held.postals, 0) = 1 as has_postal,
        held.crm_record_id is not null as has_key,
        suppressions.crm_record_id is not null as is_suppressed
    from live
    left join held
        on
            live.as_of_date = held.as_of_date
            and live.client_id = held.client_id
            and live.crm_record_id = held.crm_record_id
    left join {{ ref('int_record_suppressions') }} as suppressions
        on
            live.client_id = suppressions.client_id
            and live.crm_record_id = suppressions.crm_record_id
            and suppressions.suppressed_at <= live.end_at

),

eligible as (

    select *, has_key and not is_suppressed as is_eligible
    from judged

)

select * from eligible

with

events as (

    select * from {{ ref('int_list_events') }}
    where is_in

),

spans as (

    select * from {{ ref('int_list_record_spans') }}

),

said as (

    select
        list_id,
        crm_record_id,
        count(*) as uploads,
        min(landed_date) as first_uploaded_date,
        max(landed_date) as last_uploaded_date
    from events
    group by list_id, crm_record_id

),

stays as (

    select
        list_id,
        crm_record_id,
        count(*) as stays,
        max(stay_number) as newest_stay,
        max(valid_until) as last_left_date
    from spans
    group by list_id, crm_record_id

),

lives as (

    select
        spans.client_id,
        spans.list_id,
        spans.crm_record_id,
        coalesce(spans.end_reason, 'live') as standing,
        said.uploads,
        stays.stays,
        said.first_uploaded_date,
        said.last_uploaded_date,
        stays.last_left_date
    from spans
    inner join stays
        on
            spans.list_id = stays.list_id
            and spans.crm_record_id = stays.crm_record_id
            and spans.stay_number = stays.newest_stay
    inner join said
        on spans.list_id = said.list_id and spans.crm_record_id = said.crm_record_id

)

select * from lives

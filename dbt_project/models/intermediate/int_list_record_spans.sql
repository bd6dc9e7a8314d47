with

events as (

    select * from {{ ref('int_list_events') }}

),

-- A replacement of which every row was rejected replaces nothing; a repeated file says nothing.
replacements as (

    select list_id, load_seq, landed_date
    from {{ ref('stg_ledger__loads') }}
    where source = 'crm_file' and list_mode = 'replace' and accepted > 0

),

next_replacements as (

    select
        events.list_id,
        events.load_seq,
        min(replacements.load_seq) as replaced_seq
    from (select distinct list_id, load_seq from events) as events
    inner join replacements
        on events.list_id = replacements.list_id and events.load_seq < replacements.load_seq
    group by events.list_id, events.load_seq

),

followed as (

    select
        events.*,
        next_replacements.replaced_seq,
        replacements.landed_date as replaced_date,
        lead(events.load_seq) over record_events as next_seq,
        lead(events.landed_date) over record_events as next_date,
        lead(events.is_in) over record_events as next_is_in
    from events
    left join next_replacements
        on events.list_id = next_replacements.list_id and events.load_seq = next_replacements.load_seq
    left join replacements
        on
            next_replacements.list_id = replacements.list_id
            and next_replacements.replaced_seq = replacements.load_seq
    window record_events as (
        partition by events.list_id, events.crm_record_id order by events.load_seq
    )

),

ended as (

    select
        *,
        case
            when replaced_seq < coalesce(next_seq, replaced_seq + 1) then 'missing_from_replacement'
            when not next_is_in then 'withdrawn'
        end as end_reason
    from followed
    where is_in

),

numbered as (

    select
        *,
        case
            when end_reason = 'missing_from_replacement' then replaced_date
            when end_reason = 'withdrawn' then next_date
        end as end_date,
        cast(coalesce(
            sum(case when end_reason is null then 0 else 1 end) over (
                partition by list_id, crm_record_id order by load_seq
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as bigint) as stay_number
    from ended

),

spans as (

    select
        client_id,
        list_id,
        crm_record_id,
        stay_number,
        max(end_reason) as end_reason,
        min(load_seq) as first_load_seq,
        min(landed_date) as valid_from,
        max(end_date) as valid_until
    from numbered
    group by client_id, list_id, crm_record_id, stay_number

)

select * from spans

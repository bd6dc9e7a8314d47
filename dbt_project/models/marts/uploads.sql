with

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

named as (

    select
        events.load_seq,
        count(*) as records,
        count(matched.crm_record_id) as matched_records
    from {{ ref('int_list_events') }} as events
    left join {{ ref('int_matched_records') }} as matched
        on events.client_id = matched.client_id and events.crm_record_id = matched.crm_record_id
    group by events.load_seq

),

uploads as (

    select
        loads.client_id,
        loads.list_id,
        coalesce(lists.list_name, loads.list_id) as list_name,
        loads.list_mode,
        loads.uploaded_by,
        loads.load_seq,
        loads.lines,
        loads.accepted,
        loads.quarantined,
        loads.duplicate,
        cast(coalesce(named.records, 0) as bigint) as records,
        cast(
            case when loads.list_mode <> 'opt-out' then coalesce(named.matched_records, 0) end as bigint
        ) as matched_records,
        loads.landed_at
    from loads
    left join {{ ref('stg_registry__lists') }} as lists
        on loads.list_id = lists.list_id
    left join named
        on loads.load_seq = named.load_seq
    where loads.source = 'crm_file'

)

select * from uploads

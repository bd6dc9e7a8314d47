with

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

uploads as (

    select
        loads.client_id,
        loads.list_id,
        coalesce(lists.list_name, loads.list_id) as list_name,
        loads.list_mode,
        loads.load_seq,
        loads.lines,
        loads.accepted,
        loads.quarantined,
        loads.duplicate,
        loads.landed_at
    from loads
    left join {{ ref('stg_registry__lists') }} as lists
        on loads.list_id = lists.list_id
    where loads.source = 'crm_file'

)

select * from uploads

with

clients as (

    select * from {{ ref('stg_registry__clients') }}

),

stated as (

    select coalesce(client_id, '') as client_id, subject_type, subject_id, suppressed_at
    from {{ ref('stg_state__suppressions') }}

),

-- A browser that refuses is not one client's: its cookie is the instance's.
refused as (

    select
        '' as client_id,
        'visitor' as subject_type,
        visitor_id as subject_id,
        withdrawn_at as suppressed_at
    from {{ ref('int_withdrawal_days') }}

),

unioned as (

    select * from stated
    union all
    select * from refused

),

by_client as (

    select
        clients.client_id,
        unioned.subject_type,
        unioned.subject_id,
        min(unioned.suppressed_at) as suppressed_at
    from unioned
    inner join clients
        on unioned.client_id = '' or unioned.client_id = clients.client_id
    group by clients.client_id, unioned.subject_type, unioned.subject_id

)

select * from by_client

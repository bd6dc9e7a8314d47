with

build as (

    select * from {{ ref('int_build') }}

),

lists as (

    select * from {{ ref('stg_registry__lists') }}

),

-- A file that brought nothing usable kept nothing up to date, nor did one of removals; one sent
-- twice did.
uploads as (

    select list_id, max(landed_date) as last_uploaded_date
    from {{ ref('stg_ledger__loads') }}
    where source = 'crm_file' and list_mode <> 'opt-out' and accepted + duplicate > 0
    group by list_id

),

due as (

    select
        lists.client_id,
        lists.list_id,
        lists.list_name,
        lists.upload_every,
        build.as_of_date,
        uploads.last_uploaded_date,
        case lists.upload_every
            when 'day' then {{ add_days('uploads.last_uploaded_date', 1) }}
            when 'week' then {{ add_days('uploads.last_uploaded_date', 7) }}
            when 'month' then {{ add_months('uploads.last_uploaded_date', 1) }}
        end as due_date
    from lists
    cross join build
    left join uploads
        on lists.list_id = uploads.list_id

),

schedules as (

    select
        client_id,
        list_id,
        list_name,
        upload_every,
        case when due_date is not null then
            cast(greatest({{ days_between('due_date', 'as_of_date') }}, 0) as bigint)
        end as days_overdue,
        last_uploaded_date,
        due_date
    from due

)

select * from schedules

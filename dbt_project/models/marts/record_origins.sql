{{ mart_view() }}

-- A record belongs to the upload that first named it, on whichever list.
with

named as (

    select client_id, crm_record_id, min(load_seq) as upload_seq
    from {{ ref('int_list_events') }}
    where is_in
    group by client_id, crm_record_id

)

select * from named

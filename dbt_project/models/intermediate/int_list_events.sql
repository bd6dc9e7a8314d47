-- What each file said of each record: it is in (opt-in, replace) or out (opt-out by record id
-- or by identifier). Records that a replacement leaves out are found in int_list_record_spans.
with

crm_rows as (

    select * from {{ ref('stg_crm__rows') }}

),

identifiers as (

    select * from {{ ref('stg_crm__identifiers') }}

),

named as (

    select distinct
        client_id,
        list_id,
        crm_record_id,
        load_seq,
        landed_date,
        list_mode <> 'opt-out' as is_in
    from crm_rows
    where crm_record_id is not null

),

out_by_identifier as (

    select distinct
        held.client_id,
        held.list_id,
        held.crm_record_id,
        leaving.load_seq,
        leaving.landed_date,
        false as is_in
    from identifiers as leaving
    inner join identifiers as held
        on
            leaving.list_id = held.list_id
            and leaving.identifier_type = held.identifier_type
            and leaving.identifier_key = held.identifier_key
            and held.load_seq < leaving.load_seq
    where leaving.crm_record_id is null and held.crm_record_id is not null

),

events as (

    select * from named
    union
    select * from out_by_identifier

)

select * from events

-- A file speaks of a record in the columns it has, an empty cell included; of several lines of a
-- record in one file the last that says something counts. Only records that are somebody's member
-- are looked at.
with

records as (

    select distinct client_id, crm_record_id
    from {{ ref('int_members') }}
    where is_matched

),

spans as (

    select
        spans.client_id,
        spans.list_id,
        spans.crm_record_id,
        spans.first_load_seq
    from {{ ref('int_list_record_spans') }} as spans
    inner join records
        on spans.client_id = records.client_id and spans.crm_record_id = records.crm_record_id
    inner join {{ ref('int_build') }} as build
        on spans.valid_from <= build.as_of_date
    where spans.valid_until is null or spans.valid_until > build.as_of_date

),

files as (

    select spans.*, events.load_seq
    from spans
    inner join {{ ref('int_list_events') }} as events
        on
            spans.list_id = events.list_id
            and spans.crm_record_id = events.crm_record_id
            and spans.first_load_seq <= events.load_seq
    inner join {{ ref('int_build') }} as build
        on events.landed_date <= build.as_of_date
    where events.is_in

),

newest as (

    select
        files.client_id,
        files.list_id,
        files.crm_record_id,
        load_columns.column_name as attribute_name,
        max(files.load_seq) as load_seq
    from files
    inner join {{ ref('stg_ledger__load_columns') }} as load_columns
        on files.load_seq = load_columns.load_seq
    where load_columns.column_kind = 'attribute'
    group by files.client_id, files.list_id, files.crm_record_id, load_columns.column_name

),

said as (

    select
        newest.client_id,
        newest.crm_record_id,
        newest.attribute_name,
        attributes.attribute_type,
        attributes.attribute_value,
        row_number() over (
            partition by newest.client_id, newest.crm_record_id, newest.attribute_name
            order by newest.load_seq desc, attributes.line_number desc
        ) as place
    from newest
    inner join {{ ref('stg_crm__attributes') }} as attributes
        on
            newest.load_seq = attributes.load_seq
            and newest.list_id = attributes.list_id
            and newest.crm_record_id = attributes.crm_record_id
            and newest.attribute_name = attributes.attribute_name

),

record_attributes as (

    select client_id, crm_record_id, attribute_name, attribute_type, attribute_value
    from said
    where place = 1

)

select * from record_attributes

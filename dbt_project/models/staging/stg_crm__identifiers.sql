with

source as (

    select * from {{ source('raw', 'record_identifiers') }}

),

renamed as (

    select
        load_seq,
        client_id,
        list_id,
        crm_record_id,
        identifier_type,
        concat(identifier_type, ':', profile) as column_name,
        identifier_key,
        hit_date as landed_date
    from source

)

select * from renamed

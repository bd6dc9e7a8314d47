with

source as (

    select * from {{ source('raw', 'record_attributes') }}

),

renamed as (

    select
        load_seq,
        line_number,
        client_id,
        list_id,
        crm_record_id,
        attribute_name,
        attribute_type,
        attribute_value,
        hit_date as landed_date
    from source

)

select * from renamed

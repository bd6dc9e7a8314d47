with

source as (

    select * from {{ source('raw', 'crm_rows') }}

),

renamed as (

    select
        load_seq,
        line_number,
        client_id,
        list_id,
        list_mode,
        crm_record_id,
        cep_contact_id,
        hit_date as landed_date
    from source

)

select * from renamed

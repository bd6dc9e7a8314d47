with

source as (

    select * from {{ source('raw', 'holdings') }}

),

renamed as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        crm_record_id
    from source

)

select * from renamed

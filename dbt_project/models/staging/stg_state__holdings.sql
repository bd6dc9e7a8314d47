with

source as (

    select * from {{ source('raw', 'holdings') }}

),

renamed as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        crm_record_id,
        version as held_load_seq,
        first_delivered_at,
        last_delivered_at
    from source

)

select * from renamed

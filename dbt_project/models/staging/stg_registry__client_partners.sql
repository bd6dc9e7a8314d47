with

source as (

    select * from {{ source('raw', 'client_partners') }}

),

renamed as (

    select
        client_id,
        partner_id
    from source

)

select * from renamed

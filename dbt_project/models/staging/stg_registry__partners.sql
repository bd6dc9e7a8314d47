with

source as (

    select * from {{ source('raw', 'partners') }}

),

renamed as (

    select
        partner_id,
        partner_name,
        position
    from source

)

select * from renamed

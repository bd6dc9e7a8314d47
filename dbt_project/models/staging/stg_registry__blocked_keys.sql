with

source as (

    select * from {{ source('raw', 'blocked_keys') }}

),

renamed as (

    select
        identifier_type,
        identifier_key
    from source

)

select * from renamed

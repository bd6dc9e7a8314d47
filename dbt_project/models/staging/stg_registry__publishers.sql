with

source as (

    select * from {{ source('raw', 'publishers') }}

),

renamed as (

    select
        publisher_id,
        client_id,
        publisher_name
    from source

)

select * from renamed

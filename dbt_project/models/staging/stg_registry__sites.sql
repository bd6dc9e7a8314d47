with

source as (

    select * from {{ source('raw', 'sites') }}

),

renamed as (

    select
        site_id,
        client_id,
        site_name
    from source

)

select * from renamed

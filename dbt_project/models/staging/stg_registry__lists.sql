with

source as (

    select * from {{ source('raw', 'lists') }}

),

renamed as (

    select
        list_id,
        client_id,
        list_name,
        upload_every
    from source

)

select * from renamed

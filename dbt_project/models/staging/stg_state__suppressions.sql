with

source as (

    select * from {{ source('raw', 'suppressions') }}

),

renamed as (

    select
        client_id,
        subject_type,
        subject_id,
        suppressed_at
    from source

)

select * from renamed

with

source as (

    select * from {{ source('raw', 'clients') }}

),

renamed as (

    select
        client_id,
        client_name,
        time_zone,
        confidence_threshold,
        evidence_days
    from source

)

select * from renamed

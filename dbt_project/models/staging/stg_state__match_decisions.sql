with

source as (

    select * from {{ source('raw', 'match_decisions') }}

),

renamed as (

    select
        client_id,
        crm_record_id,
        decision,
        decided_by,
        visitor_key,
        decided_at
    from source

)

select * from renamed

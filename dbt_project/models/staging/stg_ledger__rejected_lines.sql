with

source as (

    select * from {{ source('raw', 'quarantine') }}

),

renamed as (

    select
        load_seq,
        line_number,
        source,
        client_id,
        site_id,
        partner_id,
        reason,
        excerpt,
        hit_date
    from source

)

select * from renamed

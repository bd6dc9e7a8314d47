with

source as (

    select * from {{ source('raw', 'line_outcomes') }}

),

renamed as (

    select
        load_seq,
        source,
        client_id,
        site_id,
        partner_id,
        outcome,
        reason,
        lines,
        hit_date
    from source

)

select * from renamed

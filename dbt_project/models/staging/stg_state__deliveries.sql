with

source as (

    select * from {{ source('raw', 'deliveries') }}

),

renamed as (

    select
        client_id,
        partner_id,
        build_id,
        load_seq,
        rows_added,
        rows_seen,
        rows_removed,
        confirmed_at
    from source

)

select * from renamed

with

source as (

    select * from {{ source('raw', 'loads') }}

),

renamed as (

    select
        load_seq,
        source,
        file_name,
        client_id,
        list_id,
        list_mode,
        partner_id,
        uploaded_by,
        lines,
        accepted,
        untracked,
        quarantined,
        duplicate,
        not_ours,
        landed_at,
        hit_date as landed_date
    from source

)

select * from renamed

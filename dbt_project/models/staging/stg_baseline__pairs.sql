with

source as (

    select * from {{ source('raw', 'partner_baselines') }}

),

renamed as (

    select
        load_seq,
        line_number,
        client_id,
        partner_id,
        partner_cookie_id,
        crm_record_id,
        hit_date as landed_date
    from source

)

select * from renamed

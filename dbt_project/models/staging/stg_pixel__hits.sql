with

source as (

    select * from {{ source('raw', 'hits') }}

),

renamed as (

    select
        load_seq,
        line_number,
        hit_type,
        client_id,
        publisher_id,
        site_id,
        visitor_id,
        partner_id,
        partner_cookie_id,
        identifier_type,
        identifier_key,
        cep_contact_id,
        message_id,
        event_name,
        page_host,
        page_path,
        section,
        referrer_host,
        device_type,
        browser,
        operating_system,
        not is_bot and not is_prefetch as is_human,
        has_format_warning,
        hit_at,
        hit_date
    from source

)

select * from renamed

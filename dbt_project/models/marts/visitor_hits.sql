{{ config(materialized='view') }}

with

hits as (

    select * from {{ ref('stg_pixel__hits') }}

),

visitor_hits as (

    select
        client_id,
        hit_type,
        site_id,
        section,
        page_host,
        page_path,
        event_name,
        partner_id,
        message_id,
        device_type,
        browser,
        operating_system,
        referrer_host,
        {{ published_key('client_id', 'visitor_id') }} as visitor_key,
        load_seq,
        line_number,
        hit_at,
        hit_date
    from hits
    where is_human and client_id is not null and visitor_id is not null and hit_type <> 'withdraw'

)

select * from visitor_hits

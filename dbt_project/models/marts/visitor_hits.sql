{% if target.type == 'duckdb' %}{{ mart_view() }}{% else %}{{ by_day_config() }}{% endif %}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}
    where hits.is_human and hits.client_id is not null and hits.visitor_id is not null and hits.hit_type <> 'withdraw'

),

-- An identify call with an e-mail and a phone is two rows of evidence and one hit.
first_identifiers as (

    select load_seq, line_number, min(concat(identifier_type, identifier_key)) as identifier
    from hits
    where hit_type = 'identify'
    group by load_seq, line_number

),

visitor_hits as (

    select
        hits.client_id,
        hits.hit_type,
        hits.site_id,
        hits.section,
        hits.page_host,
        hits.page_path,
        hits.event_name,
        hits.partner_id,
        hits.message_id,
        hits.device_type,
        hits.browser,
        hits.operating_system,
        hits.referrer_host,
        {{ published_key('hits.client_id', 'hits.visitor_id') }} as visitor_key,
        hits.load_seq,
        hits.line_number,
        hits.hit_at,
        hits.hit_date
    from hits
    left join first_identifiers
        on hits.load_seq = first_identifiers.load_seq and hits.line_number = first_identifiers.line_number
    where
        hits.hit_type <> 'identify'
        or concat(hits.identifier_type, hits.identifier_key) = first_identifiers.identifier

)

select * from visitor_hits

{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

-- One identify call with an e-mail and a phone is two rows of evidence and one hit.
numbered as (

    select
        *,
        case when hit_type = 'identify' then {{ line_reference() }} end as identify_line
    from hits
    where is_human and client_id is not null and visitor_id is not null and hit_type <> 'withdraw'

),

visitor_days as (

    select
        client_id,
        visitor_id,
        count(case when hit_type <> 'identify' then 1 end) + count(distinct identify_line) as hits,
        count(case when hit_type = 'page_view' then 1 end) as page_views,
        count(case when hit_type = 'event' then 1 end) as events,
        count(case when hit_type = 'click' then 1 end) as clicks,
        count(case when hit_type = 'read' then 1 end) as reads,
        count(distinct identify_line) as identifies,
        {{ latest('hit_at', 'site_id') }} as last_site_id,
        {{ latest('hit_at', 'section') }} as last_section,
        {{ latest('hit_at', 'device_type') }} as last_device_type,
        {{ latest('hit_at', 'browser') }} as last_browser,
        {{ latest('hit_at', 'operating_system') }} as last_operating_system,
        {{ latest('hit_at', 'referrer_host') }} as last_referrer_host,
        max(load_seq) as load_seq,
        min(hit_at) as first_hit_at,
        max(hit_at) as last_hit_at,
        hit_date
    from numbered
    group by client_id, visitor_id, hit_date

)

select * from visitor_days

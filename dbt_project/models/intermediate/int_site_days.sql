{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

-- One identify call with an e-mail and a phone is two rows of evidence and one call.
numbered as (

    select
        *,
        case when hit_type = 'identify' then load_seq * 10000000000 + line_number end as identify_line
    from hits
    where
        is_human and client_id is not null and site_id is not null
        and hit_type in ('sync', 'page_view', 'event', 'identify')

),

site_days as (

    select
        client_id,
        site_id,
        count(case when hit_type = 'sync' then 1 end) as syncs,
        count(case when hit_type = 'page_view' then 1 end) as page_views,
        count(case when hit_type = 'event' then 1 end) as events,
        count(distinct identify_line) as identifies,
        count(case when hit_type <> 'identify' then 1 end) + count(distinct identify_line) as hits,
        max(load_seq) as load_seq,
        max(hit_at) as last_hit_at,
        hit_date
    from numbered
    group by client_id, site_id, hit_date

)

select * from site_days

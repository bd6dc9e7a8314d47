{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

syncs as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        visitor_id,
        coalesce(site_id, '') as site_id,
        count(*) as hits,
        max(load_seq) as load_seq,
        min(hit_at) as first_hit_at,
        max(hit_at) as last_hit_at,
        hit_date
    from hits
    where hit_type = 'sync' and is_human and client_id is not null
    group by client_id, partner_id, partner_cookie_id, visitor_id, coalesce(site_id, ''), hit_date

)

select * from syncs

{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

warned_days as (

    select
        client_id,
        partner_id,
        coalesce(site_id, '') as site_id,
        count(*) as syncs,
        count(case when has_format_warning then 1 end) as other_form,
        max(load_seq) as load_seq,
        hit_date
    from hits
    where hit_type = 'sync' and is_human and client_id is not null
    group by client_id, partner_id, coalesce(site_id, ''), hit_date

)

select * from warned_days

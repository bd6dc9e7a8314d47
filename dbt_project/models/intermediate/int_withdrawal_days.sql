{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

withdrawals as (

    select
        visitor_id,
        max(load_seq) as load_seq,
        min(hit_at) as withdrawn_at,
        hit_date
    from hits
    where hit_type = 'withdraw' and visitor_id is not null
    group by visitor_id, hit_date

)

select * from withdrawals

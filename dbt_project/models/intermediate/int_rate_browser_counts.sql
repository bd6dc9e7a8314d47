with

look_backs as (

    select 1 as look_back_days union all select 7 union all select 30 union all select 90

),

counted as (

    select
        dates.as_of_date,
        spans.client_id,
        look_backs.look_back_days,
        count(*) as browsers
    from {{ ref('int_build') }} as build
    inner join {{ ref('int_rate_dates') }} as dates
        on build.as_of_date = dates.as_of_date
    inner join {{ ref('int_visitor_spans') }} as spans
        on spans.valid_from <= dates.as_of_date and spans.valid_until > dates.as_of_date
    inner join look_backs
        on spans.last_hit_at >= {{ days_before('dates.end_at', 'look_backs.look_back_days') }}
    group by dates.as_of_date, spans.client_id, look_backs.look_back_days

)

select * from counted

-- Which of a partner's baselines held on each day that is restated: the newest one landed by then.
with

loads as (

    select * from {{ ref('stg_ledger__loads') }}
    where source = 'baseline' and accepted > 0

),

baselines as (

    select
        dates.as_of_date,
        loads.client_id,
        loads.partner_id,
        max(loads.load_seq) as load_seq,
        max(loads.landed_date) as landed_date
    from {{ ref('int_rate_dates') }} as dates
    inner join loads
        on loads.landed_date <= dates.as_of_date
    group by dates.as_of_date, loads.client_id, loads.partner_id

)

select * from baselines

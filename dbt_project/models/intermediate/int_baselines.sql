-- Which of a partner's baselines holds: the newest one landed by the newest day.
with

loads as (

    select * from {{ ref('stg_ledger__loads') }}
    where source = 'baseline' and accepted > 0

),

baselines as (

    select
        build.as_of_date,
        loads.client_id,
        loads.partner_id,
        max(loads.load_seq) as load_seq,
        max(loads.landed_date) as landed_date
    from {{ ref('int_build') }} as build
    inner join loads
        on loads.landed_date <= build.as_of_date
    group by build.as_of_date, loads.client_id, loads.partner_id

)

select * from baselines

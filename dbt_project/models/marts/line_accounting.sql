with

outcomes as (

    select * from {{ ref('stg_ledger__line_outcomes') }}

),

accounted as (

    select
        client_id,
        source,
        outcome,
        reason,
        cast(sum(lines) as bigint) as lines,
        hit_date
    from outcomes
    group by client_id, source, outcome, reason, hit_date

)

select * from accounted

with

outcomes as (

    select * from {{ ref('stg_ledger__line_outcomes') }}

),

-- Lines that a load read and no outcome accounts for: none, or the law is broken.
missing as (

    select
        loads.client_id,
        loads.source,
        'unaccounted' as outcome,
        cast(null as string) as reason,
        loads.lines - coalesce(cast(sum(outcomes.lines) as bigint), 0) as lines,
        loads.landed_date as hit_date
    from {{ ref('stg_ledger__loads') }} as loads
    left join outcomes
        on loads.load_seq = outcomes.load_seq
    group by loads.client_id, loads.source, loads.load_seq, loads.lines, loads.landed_date
    having loads.lines <> coalesce(cast(sum(outcomes.lines) as bigint), 0)

),

counted as (

    select client_id, source, outcome, reason, lines, hit_date from outcomes
    union all
    select * from missing

),

accounted as (

    select
        client_id,
        source,
        outcome,
        reason,
        cast(sum(lines) as bigint) as lines,
        hit_date
    from counted
    group by client_id, source, outcome, reason, hit_date

)

select * from accounted

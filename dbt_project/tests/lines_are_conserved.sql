-- Law 1: lines = accepted + untracked + quarantined + duplicate + not ours, for each load and
-- in total. The outcomes of a load add up to its lines, and line_accounting neither loses nor
-- doubles one on the way to the page.
with

outcomes as (

    select load_seq, sum(lines) as lines
    from {{ ref('stg_ledger__line_outcomes') }}
    group by load_seq

),

by_load as (

    select
        cast(loads.load_seq as string) as account,
        loads.lines,
        coalesce(outcomes.lines, 0) as accounted
    from {{ ref('stg_ledger__loads') }} as loads
    left join outcomes
        on loads.load_seq = outcomes.load_seq

),

in_total as (

    select
        'total' as account,
        (select coalesce(sum(lines), 0) from {{ ref('stg_ledger__loads') }}) as lines,
        (select coalesce(sum(lines), 0) from {{ ref('line_accounting') }}) as accounted

)

select * from by_load where lines <> accounted
union all
select * from in_total where lines <> accounted

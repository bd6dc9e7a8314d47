with

outcomes as (

    select * from {{ ref('stg_ledger__line_outcomes') }}
    where client_id is not null

),

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

counted as (

    select
        client_id,
        load_seq,
        cast(sum(lines) as bigint) as lines,
        cast(sum(case when outcome = 'accepted' then lines else 0 end) as bigint) as accepted,
        cast(sum(case when outcome = 'untracked' then lines else 0 end) as bigint) as untracked,
        cast(sum(case when outcome = 'quarantined' then lines else 0 end) as bigint) as quarantined,
        cast(sum(case when outcome = 'duplicate' then lines else 0 end) as bigint) as duplicate,
        cast(sum(case when outcome = 'not_ours' then lines else 0 end) as bigint) as not_ours
    from outcomes
    group by client_id, load_seq

),

named as (

    select
        counted.client_id,
        counted.load_seq,
        loads.source,
        loads.file_name,
        counted.lines,
        counted.accepted,
        counted.untracked,
        counted.quarantined,
        counted.duplicate,
        counted.not_ours,
        loads.landed_at
    from counted
    inner join loads
        on counted.load_seq = loads.load_seq

)

select * from named

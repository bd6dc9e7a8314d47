-- An opt-out or a decision about a match moves the moment too: it makes a build of its own, and so
-- a delivery with its removals, even in a night in which nothing lands.
with

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

opt_outs as (

    select max(said_at) as newest_at
    from (
        select suppressed_at as said_at from {{ ref('stg_state__suppressions') }}
        union all
        select decided_at as said_at from {{ ref('stg_state__match_decisions') }}
    ) as said

),

newest as (

    select
        max(loads.load_seq) as load_seq,
        {% if var('as_of') -%}
        cast('{{ var("as_of") }}' as timestamp) as as_of
        {%- else -%}
        greatest(max(loads.landed_at), max(opt_outs.newest_at)) as as_of
        {%- endif %}
    from loads
    cross join opt_outs
    having count(*) > 0

),

named as (

    select
        concat({{ compact_moment('as_of') }}, '-', cast(load_seq as string)) as build_id,
        load_seq,
        as_of,
        cast(as_of as date) as as_of_date
    from newest

)

select * from named

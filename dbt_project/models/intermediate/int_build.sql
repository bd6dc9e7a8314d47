with

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

newest as (

    select
        max(load_seq) as load_seq,
        {% if var('as_of') -%}
        cast('{{ var("as_of") }}' as timestamp) as as_of
        {%- else -%}
        max(landed_at) as as_of
        {%- endif %}
    from loads
    having count(*) > 0

),

named as (

    select
        concat(strftime(as_of, '%Y%m%dT%H%M%SZ'), '-', cast(load_seq as varchar)) as build_id,
        load_seq,
        as_of,
        cast(as_of as date) as as_of_date
    from newest

)

select * from named

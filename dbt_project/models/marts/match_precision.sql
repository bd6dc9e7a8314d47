{{ whole_partitions('as_of_date') }}

with

dates as (

    select * from {{ ref('int_rate_dates') }}
    where is_restated

),

clients as (

    select * from {{ ref('stg_registry__clients') }}

),

counted as (

    select as_of_date, client_id, count(*) as tested, count(case when is_confirmed then 1 end) as confirmed
    from {{ ref('match_tests') }}
    group by as_of_date, client_id

),

listed as (

    select
        clients.client_id,
        coalesce(counted.tested, 0) as tested_pairs,
        coalesce(counted.confirmed, 0) as confirmed_pairs,
        dates.as_of_date
    from dates
    cross join clients
    left join counted
        on dates.as_of_date = counted.as_of_date and clients.client_id = counted.client_id

),

match_precision as (

    select
        client_id,
        tested_pairs,
        confirmed_pairs,
        cast({{ share('confirmed_pairs', 'tested_pairs') }} as double) as audited_precision,
        cast(case when tested_pairs > 0
            then {{ wilson_bound('confirmed_pairs', 'tested_pairs', '-', 'least') }} end as double) as interval_low,
        cast(case when tested_pairs > 0
            then {{ wilson_bound('confirmed_pairs', 'tested_pairs', '+', 'greatest') }} end as double) as interval_high,
        as_of_date
    from listed

)

select * from match_precision

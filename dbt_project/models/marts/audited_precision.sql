with

build as (

    select * from {{ ref('int_build') }}

),

days as (

    select match_precision.*
    from {{ ref('match_precision') }} as match_precision
    cross join build
    where
        match_precision.as_of_date <= build.as_of_date
        and match_precision.as_of_date > {{ add_days('build.as_of_date', '-' ~ var('headline_days')) }}

),

summed as (

    select
        client_id,
        cast(sum(tested_pairs) as bigint) as tested_pairs,
        cast(sum(confirmed_pairs) as bigint) as confirmed_pairs
    from days
    group by client_id

)

select
    client_id,
    tested_pairs,
    confirmed_pairs,
    cast({{ share('confirmed_pairs', 'tested_pairs') }} as double) as audited_precision,
    cast(case when tested_pairs > 0
        then {{ wilson_bound('confirmed_pairs', 'tested_pairs', '-', 'least') }} end as double) as interval_low,
    cast(case when tested_pairs > 0
        then {{ wilson_bound('confirmed_pairs', 'tested_pairs', '+', 'greatest') }} end as double) as interval_high
from summed

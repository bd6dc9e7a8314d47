with

build as (

    select * from {{ ref('int_build') }}

),

digits as (

    {% for digit in range(10) %}
    select {{ digit }} as digit {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

dates as (

    select {{ add_days('build.as_of_date', '0 - (ones.digit + 10 * tens.digit + 100 * hundreds.digit)') }} as as_of_date
    from build
    cross join digits as ones
    cross join digits as tens
    cross join digits as hundreds

)

select * from dates

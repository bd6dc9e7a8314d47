-- Late hits change the past: each build restates every day from the earliest one that its new
-- loads touch, and the newest day of the build before, which was not over yet. What has been
-- restated already is read from the newest day's rates themselves, so that a build that fails, or
-- one of the past, makes the next one restate again.
-- No build restates more than `restated_days`, nor more than `rated_rows` records × days: it holds
-- them all at once, and rates of long ago are given up for its memory.
-- The day a week before the newest is only looked at again, for match_rate_changes.
{% set match_rates = stated_already('match_rates') %}
{% set more_rates = stated_already('more_rates') %}
{% set is_restating = match_rates and more_rates and stated_already('match_steps') and stated_already('match_tests') %}

with

build as (

    select * from {{ ref('int_build') }}

),

hits as (

    select * from {{ ref('stg_pixel__hits') }}

),

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

restated as (

    {% if is_restating -%}
    select min(load_seq) as load_seq, min(newest_date) as newest_date
    from (
        select coalesce(max_by(load_seq, as_of_date), 0) as load_seq, max(as_of_date) as newest_date
        from {{ match_rates }}
        union all
        select coalesce(max_by(load_seq, as_of_date), 0) as load_seq, max(as_of_date) as newest_date
        from {{ more_rates }}
    ) as stated
    {%- else -%}
    select 0 as load_seq, cast(null as date) as newest_date
    {%- endif %}

),

touched as (

    select min(hits.hit_date) as first_date
    from hits
    where hits.load_seq > (select load_seq from restated)
    union all
    select min(loads.landed_date) as first_date
    from loads
    where loads.load_seq > (select load_seq from restated)
    union all
    select newest_date as first_date from restated

),

records as (

    select count(*) as records
    from (select distinct client_id, crm_record_id from {{ ref('stg_crm__rows') }}) as named
    where crm_record_id is not null

),

room as (

    select
        least(
            {{ var('restated_days') }},
            greatest(1, cast(floor({{ var('rated_rows') }} / greatest(records, 1)) as integer))
        ) as days
    from records

),

span as (

    select
        build.load_seq,
        build.as_of,
        build.as_of_date,
        greatest(
            least(coalesce(min(touched.first_date), build.as_of_date), build.as_of_date),
            {{ add_days('build.as_of_date', '1 - max(room.days)') }}
        ) as first_date
    from build
    cross join touched
    cross join room
    group by build.load_seq, build.as_of, build.as_of_date

),

dates as (

    select
        span.load_seq,
        calendar.as_of_date,
        calendar.as_of_date >= span.first_date as is_restated,
        least(span.as_of, cast({{ add_days('calendar.as_of_date', 1) }} as timestamp)) as end_at
    from span
    inner join {{ ref('int_calendar') }} as calendar
        on
            calendar.as_of_date between span.first_date and span.as_of_date
            or calendar.as_of_date = {{ add_days('span.as_of_date', -7) }}
            or calendar.as_of_date = {{ add_days('span.first_date', -1) }}

)

select * from dates

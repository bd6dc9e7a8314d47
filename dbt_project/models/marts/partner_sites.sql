with

build as (

    select
        as_of_date,
        {{ add_days('as_of_date', -1) }} as last_full_date
    from {{ ref('int_build') }}

),

days as (

    select * from {{ ref('int_partner_site_days') }}

),

spans as (

    select
        client_id,
        partner_id,
        site_id,
        min(hit_date) as first_date,
        max(hit_date) as last_date,
        max(last_hit_at) as last_synced_at
    from days
    group by client_id, partner_id, site_id

),

-- Usual: the same weekday of the four weeks before, as far as there were any.
counted as (

    select
        spans.client_id,
        spans.partner_id,
        spans.site_id,
        spans.first_date,
        spans.last_date,
        spans.last_synced_at,
        build.last_full_date,
        cast(sum(case when days.hit_date = build.last_full_date then days.hits else 0 end) as bigint) as syncs,
        sum(case
            when days.hit_date in (
                {{ add_days('build.last_full_date', -7) }}, {{ add_days('build.last_full_date', -14) }},
                {{ add_days('build.last_full_date', -21) }}, {{ add_days('build.last_full_date', -28) }}
            ) then days.hits
            else 0
        end) as syncs_of_weekday,
        sum(case when days.hit_date > {{ add_days('spans.last_date', -14) }} then 1 else 0 end) as active_days,
        least(4, floor({{ days_between('spans.first_date', 'build.last_full_date') }} / 7)) as weeks
    from days
    inner join spans
        on
            days.client_id = spans.client_id
            and days.partner_id = spans.partner_id
            and days.site_id = spans.site_id
    cross join build
    group by
        spans.client_id, spans.partner_id, spans.site_id, spans.first_date, spans.last_date,
        spans.last_synced_at, build.last_full_date

),

judged as (

    select
        client_id,
        partner_id,
        site_id,
        case when weeks > 0 then cast(syncs_of_weekday / weeks as double) end as usual_syncs,
        syncs,
        active_days >= 7 and last_date <= {{ add_days('last_full_date', -2) }} as is_silent,
        coalesce(weeks > 0 and syncs_of_weekday / weeks >= 20 and syncs < syncs_of_weekday / weeks / 2, false)
            as is_low,
        last_full_date as counted_date,
        last_date as last_synced_date,
        last_synced_at
    from counted

)

select * from judged

{# When something had last been seen, as of each day that is restated: a row holds from
   `valid_from` until the day before `valid_until`, when it was seen again or 91 days are over.
   Three sources, so that a night reads few days: those seen since the first day wanted, the
   entities silent since, and, of those seen again, the day before that. #}
{% macro seen_spans(by_day, entity, keys) %}
with

by_day as (

    select * from {{ by_day }}

),

bounds as (

    select min(as_of_date) as first_date, max(as_of_date) as last_date
    from {{ ref('int_rate_dates') }}

),

recent as (

    select
        {{ seen_columns('by_day', keys) }},
        by_day.hit_date as last_date,
        by_day.last_hit_at
    from by_day
    where
        by_day.hit_date >= (select first_date from bounds)
        and by_day.hit_date <= (select last_date from bounds)

),

-- Not seen since the first date wanted: the entity says when it last was.
silent as (

    select
        {{ seen_columns('entities', keys) }},
        entities.last_date,
        entities.last_hit_at
    from {{ entity }} as entities
    cross join bounds
    where
        entities.last_date < bounds.first_date
        and entities.last_date >= {{ add_days('bounds.first_date', -91) }}

),

-- First seen again after it: the day it had been seen before.
before as (

    select
        {{ seen_columns('by_day', keys) }},
        max(by_day.hit_date) as last_date,
        max(by_day.last_hit_at) as last_hit_at
    from by_day
    inner join (
        select {{ keys | join(', ') }}
        from recent
        group by {{ keys | join(', ') }}
        having min(last_date) > (select first_date from bounds)
    ) as returned
        on {{ same_keys('by_day', 'returned', keys) }}
    where
        by_day.hit_date < (select first_date from bounds)
        and by_day.hit_date >= (select {{ add_days('first_date', -91) }} from bounds)
    group by {{ seen_columns('by_day', keys) }}

),

folded as (

    select * from recent
    union all
    select * from silent
    union all
    select * from before

),

spans as (

    select
        {{ keys | join(', ') }},
        last_hit_at,
        last_date as valid_from,
        coalesce(
            lead(last_date) over (partition by {{ keys | join(', ') }} order by last_date),
            {{ add_days('last_date', var('cookie_days')) }}
        ) as valid_until
    from folded

)

select * from spans
{% endmacro %}

{% macro seen_columns(relation, keys) -%}
    {%- for key in keys %}{{ relation }}.{{ key }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{# What the rates share: look-backs, and how counts are split. #}

{% macro look_backs() -%}
    select 1 as look_back_days union all select 7 union all select 30 union all select 90
{%- endmacro %}

{% macro identifier_types() %}{{ return(['email', 'phone', 'postal']) }}{% endmacro %}

{# Counts with one row per `site_id`, or for all sites where it is null, that have each measure for
   each identifier type too (email_records beside records), as rows by breakdown. #}
{% macro split_counts(counts, measures) -%}
    {%- set keys = 'as_of_date, client_id, partner_id, look_back_days' -%}
    select
        {{ keys }},
        case when site_id is null then 'all' else 'site' end as breakdown,
        coalesce(site_id, 'all') as breakdown_value,
        {%- for measure in measures %}
        cast({{ measure }} as bigint) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ counts }}
    {%- for type in identifier_types() %}
    union all
    select
        {{ keys }},
        'identifier_type' as breakdown,
        '{{ type }}' as breakdown_value,
        {%- for measure in measures %}
        cast({{ type }}_{{ measure }} as bigint) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ counts }}
    where site_id is null
    {%- endfor %}
{%- endmacro %}

{# Records counted all together and by each identifier type they have. #}
{% macro count_records(records, keys) -%}
    {%- for type in ['all'] + identifier_types() %}
    select
        {{ keys | join(', ') }},
        '{{ 'all' if type == 'all' else 'identifier_type' }}' as breakdown,
        '{{ type }}' as breakdown_value,
        count(*) as records
    from {{ records }}
    {%- if type != 'all' %}
    where has_{{ type }}
    {%- endif %}
    group by {{ keys | join(', ') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Joins counts to rates of the same day, client, partner, look-back and breakdown. Of counts that
   know one breakdown only, those of all stand for the others. #}
{% macro same_rate(rates, counts, keys, only=none) -%}
    {{ same_keys(rates, counts, keys) }}
    {%- for column in ['breakdown', 'breakdown_value'] %}
    {%- if only %}
    and case when {{ rates }}.breakdown = '{{ only }}' then {{ rates }}.{{ column }} else 'all' end = {{ counts }}.{{ column }}
    {%- else %}
    and {{ rates }}.{{ column }} = {{ counts }}.{{ column }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# The shortest look-back, in days, that reaches back to a moment. #}
{% macro days_ago(moment, end_at) -%}
    {%- set days = days_between('cast(' ~ moment ~ ' as date)', 'cast(' ~ end_at ~ ' as date)') -%}
    greatest({{ days }} + case when {{ moment }} >= {{ days_before(end_at, days) }} then 0 else 1 end, 1)
{%- endmacro %}

{# A mart that the build before has left, to see what it stated. #}
{% macro stated_already(mart) -%}
    {%- if execute and not flags.FULL_REFRESH -%}
    {{ return(adapter.get_relation(database=target.database, schema='marts', identifier=mart)) }}
    {%- endif -%}
{%- endmacro %}

{# When the browsers of a record were last seen with a partner's cookie, surely enough to be delivered,
   as of each of `dates`; by whichever `keys`. #}
{% macro sightings(dates, keys) -%}
    select
        dates.as_of_date,
        dates.end_at,
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        max(spans.last_hit_at) as last_seen_at
    from {{ dates }} as dates
    inner join {{ ref('int_visitor_record_dates') }} as pairs
        on dates.as_of_date = pairs.as_of_date
    inner join {{ ref('int_sync_spans') }} as spans
        on
            pairs.client_id = spans.client_id
            and pairs.visitor_id = spans.visitor_id
            and spans.valid_from <= dates.as_of_date
            and spans.valid_until > dates.as_of_date
    left join {{ ref('int_hot_cookies') }} as hot
        on
            dates.as_of_date = hot.as_of_date
            and {{ same_keys('spans', 'hot', ['client_id', 'partner_id', 'partner_cookie_id']) }}
    where pairs.is_confident and hot.partner_cookie_id is null
    group by dates.as_of_date, dates.end_at, {{ keys | join(', ') }}
{%- endmacro %}

{# The entities: their keys, how each column comes of the days, and how they were as of the build. #}

{% macro sync_keys() %}{{ return(['client_id', 'partner_id', 'partner_cookie_id', 'visitor_id', 'site_id']) }}{% endmacro %}

{% macro sync_columns() %}
{{ return({
    'days': ['1', 'sum'],
    'hits': ['days.hits', 'sum'],
    'load_seq': ['days.load_seq', 'max'],
    'first_hit_at': ['days.first_hit_at', 'min'],
    'last_hit_at': ['days.last_hit_at', 'max'],
    'last_date': ['days.hit_date', 'max'],
}) }}
{% endmacro %}

{% macro syncs_as_of() -%}
    {{ entity_as_of(ref('int_syncs'), ref('int_sync_days'), sync_keys(), sync_columns()) }}
{%- endmacro %}

{% macro visitor_keys() %}{{ return(['client_id', 'visitor_id']) }}{% endmacro %}

{% macro visitor_columns() %}
{{ return({
    'days_active': ['1', 'sum'],
    'hits': ['days.hits', 'sum'],
    'page_views': ['days.page_views', 'sum'],
    'events': ['days.events', 'sum'],
    'clicks': ['days.clicks', 'sum'],
    'reads': ['days.reads', 'sum'],
    'identifies': ['days.identifies', 'sum'],
    'last_site_id': ['days.last_site_id', 'latest'],
    'last_section': ['days.last_section', 'latest'],
    'last_device_type': ['days.last_device_type', 'latest'],
    'last_browser': ['days.last_browser', 'latest'],
    'last_operating_system': ['days.last_operating_system', 'latest'],
    'last_referrer_host': ['days.last_referrer_host', 'latest'],
    'first_browsed_date': [
        'case when days.hits > days.clicks + days.reads + days.identifies then days.hit_date end', 'min',
    ],
    'load_seq': ['days.load_seq', 'max'],
    'first_hit_at': ['days.first_hit_at', 'min'],
    'last_hit_at': ['days.last_hit_at', 'max'],
    'last_date': ['days.hit_date', 'max'],
}) }}
{% endmacro %}

{% macro visitors_as_of() -%}
    {{ entity_as_of(ref('int_visitors'), ref('int_visitor_days'), visitor_keys(), visitor_columns()) }}
{%- endmacro %}

{# Each day of a browser as one bit of a number: bits of different days add up, and two browsers'
   numbers joined by OR have a bit for each day on which one of them was there. #}
{% macro days_as_bits() -%}
    (
        select
            client_id,
            visitor_id,
            cast(floor({{ _day_number() }} / 62e0) as bigint) as day_block,
            cast(power(2, {{ _day_number() }} % 62) as bigint) as day_bit,
            load_seq,
            hit_date
        from {{ ref('int_visitor_days') }}
    )
{%- endmacro %}

{% macro _day_number() %}{{ days_between("cast('2000-01-01' as date)", 'hit_date') }}{% endmacro %}

{% macro day_block_keys() %}{{ return(['client_id', 'visitor_id', 'day_block']) }}{% endmacro %}

{% macro day_block_columns() %}
{{ return({
    'day_bits': ['days.day_bit', 'sum'],
    'load_seq': ['days.load_seq', 'max'],
    'last_date': ['days.hit_date', 'max'],
}) }}
{% endmacro %}

{% macro day_blocks_as_of() -%}
    {{ entity_as_of(ref('int_visitor_day_blocks'), days_as_bits(), day_block_keys(), day_block_columns()) }}
{%- endmacro %}

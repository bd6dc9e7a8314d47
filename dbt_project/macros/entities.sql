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

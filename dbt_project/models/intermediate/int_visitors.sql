{% set keys = ['client_id', 'visitor_id'] %}
{{ entity_config(keys) }}

with

parts as (

    {{ entity_parts(ref('int_visitor_days'), keys, {
        'days_active': '1',
        'hits': 'days.hits',
        'page_views': 'days.page_views',
        'events': 'days.events',
        'clicks': 'days.clicks',
        'reads': 'days.reads',
        'identifies': 'days.identifies',
        'last_site_id': 'days.last_site_id',
        'last_section': 'days.last_section',
        'last_device_type': 'days.last_device_type',
        'last_browser': 'days.last_browser',
        'last_operating_system': 'days.last_operating_system',
        'last_referrer_host': 'days.last_referrer_host',
        'first_browsed_date': 'case when days.hits > days.clicks + days.reads + days.identifies then days.hit_date end',
        'load_seq': 'days.load_seq',
        'first_hit_at': 'days.first_hit_at',
        'last_hit_at': 'days.last_hit_at',
        'last_date': 'days.hit_date',
    }) }}

),

visitors as (

    select
        client_id,
        visitor_id,
        cast(sum(days_active) as bigint) as days_active,
        cast(sum(hits) as bigint) as hits,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(events) as bigint) as events,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(reads) as bigint) as reads,
        cast(sum(identifies) as bigint) as identifies,
        {{ latest('last_hit_at', 'last_site_id') }} as last_site_id,
        {{ latest('last_hit_at', 'last_section') }} as last_section,
        {{ latest('last_hit_at', 'last_device_type') }} as last_device_type,
        {{ latest('last_hit_at', 'last_browser') }} as last_browser,
        {{ latest('last_hit_at', 'last_operating_system') }} as last_operating_system,
        {{ latest('last_hit_at', 'last_referrer_host') }} as last_referrer_host,
        min(first_browsed_date) as first_browsed_date,
        max(load_seq) as load_seq,
        min(first_hit_at) as first_hit_at,
        max(last_hit_at) as last_hit_at,
        max(last_date) as last_date
    from parts
    group by client_id, visitor_id

)

select * from visitors

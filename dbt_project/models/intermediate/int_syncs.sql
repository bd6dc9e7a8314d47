{% set keys = ['client_id', 'partner_id', 'partner_cookie_id', 'visitor_id', 'site_id'] %}
{{ entity_config(keys) }}

with

parts as (

    {{ entity_parts(ref('int_sync_days'), keys, {
        'days': '1',
        'hits': 'days.hits',
        'load_seq': 'days.load_seq',
        'first_hit_at': 'days.first_hit_at',
        'last_hit_at': 'days.last_hit_at',
        'last_date': 'days.hit_date',
    }) }}

),

syncs as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        visitor_id,
        site_id,
        cast(sum(days) as bigint) as days,
        cast(sum(hits) as bigint) as hits,
        max(load_seq) as load_seq,
        min(first_hit_at) as first_hit_at,
        max(last_hit_at) as last_hit_at,
        max(last_date) as last_date
    from parts
    group by client_id, partner_id, partner_cookie_id, visitor_id, site_id

)

select * from syncs

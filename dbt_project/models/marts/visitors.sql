with

build as (

    select * from {{ ref('int_build') }}

),

visitors as (

    select * from {{ visitors_as_of() }}

),

members as (

    select * from {{ ref('int_members') }}

),

presence as (

    select
        client_id,
        visitor_id,
        count(distinct nullif(site_id, '')) as sync_sites,
        count(distinct partner_id) as partners
    from {{ syncs_as_of() }}
    group by client_id, visitor_id

),

reachable as (

    select distinct client_id, visitor_id
    from {{ ref('cep_contacts') }}
    where is_reachable

),

wide as (

    select
        visitors.client_id,
        visitors.visitor_id,
        visitors.last_site_id,
        visitors.last_section,
        visitors.last_device_type,
        visitors.last_browser,
        visitors.last_operating_system,
        visitors.last_referrer_host,
        members.visitor_key,
        members.member_key,
        visitors.days_active,
        visitors.hits,
        visitors.page_views,
        visitors.events,
        visitors.clicks,
        visitors.reads,
        visitors.identifies,
        coalesce(presence.sync_sites, 0) as sync_sites,
        coalesce(presence.partners, 0) as partners,
        members.is_matched,
        reachable.visitor_id is not null as is_cep_reachable,
        suppressions.subject_id is not null as is_suppressed,
        visitors.first_hit_at as first_seen_at,
        visitors.last_hit_at as last_seen_at
    from visitors
    cross join build
    inner join members
        on
            visitors.client_id = members.client_id
            and visitors.visitor_id = members.visitor_id
    left join presence
        on visitors.client_id = presence.client_id and visitors.visitor_id = presence.visitor_id
    left join reachable
        on visitors.client_id = reachable.client_id and visitors.visitor_id = reachable.visitor_id
    left join {{ ref('int_suppressions') }} as suppressions
        on
            visitors.client_id = suppressions.client_id
            and suppressions.subject_type = 'visitor'
            and visitors.visitor_id = suppressions.subject_id
            and suppressions.suppressed_at <= build.as_of

)

select * from wide

with

members as (

    select * from {{ ref('int_members') }}

),

syncs as (

    select * from {{ syncs_as_of() }}

),

hot_cookies as (

    select hot_cookies.* from {{ ref('int_hot_cookies') }} as hot_cookies
    inner join {{ ref('int_build') }} as build
        on hot_cookies.as_of_date = build.as_of_date

),

cookies as (

    select
        members.client_id,
        syncs.partner_id,
        syncs.partner_cookie_id,
        members.member_key,
        max(syncs.last_hit_at) as last_seen_at
    from syncs
    inner join members
        on syncs.client_id = members.client_id and syncs.visitor_id = members.visitor_id
    group by members.client_id, syncs.partner_id, syncs.partner_cookie_id, members.member_key

),

people_partners as (

    select
        cookies.client_id,
        cookies.partner_id,
        cookies.member_key,
        {{ published_key('cookies.client_id', 'cookies.partner_cookie_id') }} as partner_cookie_key,
        hot_cookies.partner_cookie_id is not null as is_hot,
        cookies.last_seen_at
    from cookies
    left join hot_cookies
        on
            cookies.client_id = hot_cookies.client_id
            and cookies.partner_id = hot_cookies.partner_id
            and cookies.partner_cookie_id = hot_cookies.partner_cookie_id

)

select * from people_partners

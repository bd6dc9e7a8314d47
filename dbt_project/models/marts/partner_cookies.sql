with

syncs as (

    select * from {{ syncs_as_of() }}

),

matches as (

    select client_id, partner_id, partner_cookie_id, count(*) as records, max(is_hot) as is_hot
    from {{ ref('matches') }}
    group by client_id, partner_id, partner_cookie_id

),

cookies as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        count(distinct visitor_id) as browsers,
        count(distinct nullif(site_id, '')) as sites,
        cast(sum(hits) as bigint) as hits,
        min(first_hit_at) as first_seen_at,
        max(last_hit_at) as last_seen_at
    from syncs
    group by client_id, partner_id, partner_cookie_id

),

partner_cookies as (

    select
        cookies.client_id,
        cookies.partner_id,
        cookies.partner_cookie_id,
        {{ published_key('cookies.client_id', 'cookies.partner_cookie_id') }} as partner_cookie_key,
        cookies.browsers,
        coalesce(matches.records, 0) as records,
        cookies.sites,
        cookies.hits,
        coalesce(matches.is_hot, false) as is_hot,
        cookies.first_seen_at,
        cookies.last_seen_at
    from cookies
    left join matches
        on
            cookies.client_id = matches.client_id
            and cookies.partner_id = matches.partner_id
            and cookies.partner_cookie_id = matches.partner_cookie_id

)

select * from partner_cookies

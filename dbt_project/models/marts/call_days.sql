-- What a partner's tag did on a site, whatever became of its calls: the series that anomalies are
-- looked for in. Loads of earlier versions did not note the place of calls that were not
-- accepted; for their days `refused` is empty, not 0.
with

syncs as (

    select * from {{ ref('int_partner_site_days') }}

),

warned as (

    select * from {{ ref('int_warned_days') }}

),

placed as (

    select *
    from {{ ref('stg_ledger__line_outcomes') }}
    where source = 'pixel_log' and client_id is not null and partner_id is not null

),

parts as (

    select
        client_id,
        partner_id,
        site_id,
        hits as syncs,
        cookies,
        0 as other_form,
        0 as placed,
        0 as refused,
        0 as untracked,
        0 as malformed,
        0 as repeated,
        hit_date
    from syncs
    union all
    select client_id, partner_id, site_id, 0, 0, other_form, 0, 0, 0, 0, 0, hit_date
    from warned
    union all
    select
        client_id,
        partner_id,
        coalesce(site_id, ''),
        0,
        0,
        0,
        case when outcome = 'accepted' then lines else 0 end,
        case when outcome = 'untracked' and reason not in ('no_cookie', 'switch_off') then lines else 0 end,
        case when outcome = 'untracked' and reason in ('no_cookie', 'switch_off') then lines else 0 end,
        case
            when
                outcome = 'quarantined' and reason in ('bad_cookie_id', 'sentinel_id', 'unexpanded_macro')
                then lines
            else 0
        end,
        case when outcome = 'duplicate' then lines else 0 end,
        hit_date
    from placed

),

summed as (

    select
        client_id,
        partner_id,
        site_id,
        cast(sum(syncs) as bigint) as syncs,
        cast(sum(cookies) as bigint) as cookies,
        cast(sum(other_form) as bigint) as other_form,
        cast(sum(malformed) as bigint) as malformed,
        cast(sum(repeated) as bigint) as repeated,
        cast(sum(untracked) as bigint) as untracked,
        cast(sum(refused) as bigint) as refused,
        cast(sum(placed) as bigint) as placed,
        hit_date
    from (
        select * from parts
        union all
        select
            client_id, 'all' as partner_id, site_id, syncs, cookies, other_form, placed, refused,
            untracked, malformed, repeated, hit_date
        from parts
    ) as every
    group by client_id, partner_id, site_id, hit_date

),

call_days as (

    select
        client_id,
        partner_id,
        site_id,
        syncs + refused + untracked + malformed as calls,
        syncs,
        cookies,
        case when placed * 2 >= syncs then refused end as refused,
        malformed,
        other_form,
        repeated,
        hit_date
    from summed

)

select * from call_days

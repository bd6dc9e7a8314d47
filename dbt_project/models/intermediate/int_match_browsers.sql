-- The browsers behind each partner cookie and record, as of the build.
with

build as (

    select * from {{ ref('int_build') }}

),

syncs as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        visitor_id,
        max(load_seq) as load_seq,
        min(first_hit_at) as first_hit_at,
        max(last_hit_at) as last_hit_at
    from {{ syncs_as_of() }}
    group by client_id, partner_id, partner_cookie_id, visitor_id

),

recent_syncs as (

    select syncs.*
    from syncs
    cross join build
    where {{ add_days('cast(syncs.last_hit_at as date)', var('cookie_days')) }} > build.as_of_date

),

browsers as (

    select
        syncs.partner_id,
        syncs.partner_cookie_id,
        records.*,
        syncs.load_seq as cookie_seen_load_seq,
        syncs.first_hit_at as first_seen_at,
        syncs.last_hit_at as last_seen_at
    from recent_syncs as syncs
    inner join {{ ref('int_visitor_records') }} as records
        on syncs.client_id = records.client_id and syncs.visitor_id = records.visitor_id

)

select * from browsers

with

visitors as (

    select * from {{ ref('visitors') }}

),

members as (

    select distinct client_id, member_key, crm_record_id from {{ ref('members') }}

),

opted_out as (

    select * from {{ ref('int_opted_out_browsers') }}

),

browsers as (

    select visitors.*, opted_out.visitor_id is not null as is_opted_out
    from visitors
    left join opted_out
        on visitors.client_id = opted_out.client_id and visitors.visitor_id = opted_out.visitor_id

),

day_blocks as (

    select * from {{ day_blocks_as_of() }}

),

-- Two browsers of one person on one day are one day.
blocks_of_several as (

    select
        browsers.client_id,
        browsers.member_key,
        day_blocks.day_block,
        bit_count(bit_or(day_blocks.day_bits)) as days_active
    from browsers
    inner join (
        select client_id, member_key from browsers group by client_id, member_key having count(*) > 1
    ) as several
        on browsers.client_id = several.client_id and browsers.member_key = several.member_key
    inner join day_blocks
        on browsers.client_id = day_blocks.client_id and browsers.visitor_id = day_blocks.visitor_id
    group by browsers.client_id, browsers.member_key, day_blocks.day_block

),

days_of_several as (

    select client_id, member_key, cast(sum(days_active) as bigint) as days_active
    from blocks_of_several
    group by client_id, member_key

),

added_up as (

    select
        client_id,
        member_key,
        count(*) as browsers,
        max(days_active) as days_active,
        cast(sum(hits) as bigint) as hits,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(events) as bigint) as events,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(reads) as bigint) as reads,
        cast(sum(identifies) as bigint) as identifies,
        max(is_cep_reachable) as is_cep_reachable,
        max(is_opted_out) as is_suppressed,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from browsers
    group by client_id, member_key

),

uploads as (

    select spans.client_id, spans.crm_record_id, min(loads.landed_at) as uploaded_at
    from {{ ref('int_list_record_spans') }} as spans
    inner join {{ ref('stg_ledger__loads') }} as loads
        on spans.first_load_seq = loads.load_seq
    group by spans.client_id, spans.crm_record_id

),

contacts as (

    select distinct record_keys.client_id, record_keys.crm_record_id
    from {{ ref('int_record_keys') }} as record_keys
    inner join {{ ref('int_build') }} as build
        on
            record_keys.valid_from <= build.as_of_date
            and record_keys.valid_until > build.as_of_date
    where record_keys.identifier_type = 'cep_contact'

),

people as (

    select
        added_up.client_id,
        members.crm_record_id,
        added_up.member_key,
        added_up.browsers,
        coalesce(days_of_several.days_active, added_up.days_active) as days_active,
        added_up.hits,
        added_up.page_views,
        added_up.events,
        added_up.clicks,
        added_up.reads,
        added_up.identifies,
        members.crm_record_id is not null as is_matched,
        added_up.is_cep_reachable or contacts.crm_record_id is not null as has_cep_contact,
        added_up.is_cep_reachable,
        added_up.is_suppressed,
        uploads.uploaded_at,
        added_up.first_seen_at,
        added_up.last_seen_at
    from added_up
    inner join members
        on added_up.client_id = members.client_id and added_up.member_key = members.member_key
    left join days_of_several
        on
            added_up.client_id = days_of_several.client_id
            and added_up.member_key = days_of_several.member_key
    left join uploads
        on members.client_id = uploads.client_id and members.crm_record_id = uploads.crm_record_id
    left join contacts
        on members.client_id = contacts.client_id and members.crm_record_id = contacts.crm_record_id

)

select * from people

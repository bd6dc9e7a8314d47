-- Written in the order in which audiences ask, so that a day's calls of one kind and section stand
-- together and the others need not be read.
{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

-- One identify call with an e-mail and a phone is two rows of evidence and one hit.
numbered as (

    select
        *,
        case when hit_type = 'identify' then {{ line_reference() }} end as identify_line
    from hits
    where is_human and client_id is not null and visitor_id is not null and hit_type <> 'withdraw'

),

actions as (

    select
        client_id,
        visitor_id,
        coalesce(site_id, '') as site_id,
        coalesce(section, '') as section,
        hit_type,
        coalesce(event_name, '') as event_name,
        coalesce(message_id, '') as message_id,
        count(case when hit_type <> 'identify' then 1 end) + count(distinct identify_line) as hits,
        max(load_seq) as load_seq,
        min(hit_at) as first_hit_at,
        max(hit_at) as last_hit_at,
        hit_date
    from numbered
    group by
        client_id, visitor_id, coalesce(site_id, ''), coalesce(section, ''), hit_type,
        coalesce(event_name, ''), coalesce(message_id, ''), hit_date

),

visitor_actions as (

    select
        client_id,
        site_id,
        section,
        hit_type,
        event_name,
        message_id,
        {{ published_key('client_id', 'visitor_id') }} as visitor_key,
        hits,
        load_seq,
        first_hit_at,
        last_hit_at,
        hit_date
    from actions

)

select * from visitor_actions
order by client_id, hit_date, hit_type, section, event_name, message_id, visitor_key

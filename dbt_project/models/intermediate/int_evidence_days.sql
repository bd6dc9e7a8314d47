{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

-- Mail scanners open every link of a message at once; people click one. Seen here and not by
-- the collector, because many collectors do not see each other's clicks. A landing page's own
-- report of a click names no link. Two clicks on either side of midnight are not compared.
clicks as (

    select
        *,
        coalesce(min(link) over two_seconds <> max(link) over two_seconds, false) as is_scan
    from (
        select *, page_host || coalesce(page_path, '') as link from hits
        where hit_type = 'click'
    ) as links
    window two_seconds as (
        partition by hit_date, client_id, cep_contact_id, message_id
        order by hit_at
        range between interval '2' second preceding and interval '2' second following
    )

),

evidence_hits as (

    select
        client_id, publisher_id, visitor_id, hit_type, identifier_type, identifier_key,
        cep_contact_id, load_seq, line_number, hit_at, hit_date
    from hits
    where hit_type in ('read', 'identify', 'bake') and is_human
    union all
    select
        client_id, publisher_id, visitor_id, hit_type, identifier_type, identifier_key,
        cep_contact_id, load_seq, line_number, hit_at, hit_date
    from clicks
    where is_human and not is_scan

),

keyed as (

    select
        coalesce(client_id, '') as client_id,
        coalesce(publisher_id, '') as publisher_id,
        visitor_id,
        hit_type as evidence_type,
        case when hit_type in ('click', 'read') then 'cep_contact' else identifier_type end as identifier_type,
        case
            when hit_type in ('click', 'read') then cast(cep_contact_id as string) else identifier_key
        end as identifier_key,
        load_seq,
        {{ line_reference() }} as line,
        hit_at,
        hit_date
    from evidence_hits

),

evidence as (

    select
        client_id,
        publisher_id,
        visitor_id,
        evidence_type,
        identifier_type,
        identifier_key,
        count(*) as hits,
        max(load_seq) as load_seq,
        min(line) as first_line,
        max(line) as last_line,
        min(hit_at) as first_hit_at,
        max(hit_at) as last_hit_at,
        hit_date
    from keyed
    where identifier_key is not null
    group by client_id, publisher_id, visitor_id, evidence_type, identifier_type, identifier_key, hit_date

)

select * from evidence

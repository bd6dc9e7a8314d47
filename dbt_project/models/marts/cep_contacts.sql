with

build as (

    select * from {{ ref('int_build') }}

),

suppressions as (

    select * from {{ ref('int_suppressions') }}

),

evidence as (

    select
        evidence.*,
        build.as_of,
        {{ days_between('evidence.valid_from', 'build.as_of_date') }} as evidence_age_days
    from {{ ref('int_evidence_spans') }} as evidence
    cross join build
    inner join {{ ref('stg_registry__clients') }} as clients
        on evidence.client_id = clients.client_id
    where
        evidence.identifier_type = 'cep_contact'
        and evidence.valid_from <= build.as_of_date
        and evidence.valid_until > build.as_of_date
        and {{ add_days('evidence.valid_from', 'clients.evidence_days') }} > build.as_of_date

),

links as (

    select
        client_id,
        visitor_id,
        identifier_key,
        as_of,
        max(case when evidence_type = 'click' then 1 else 0 end) as clicks,
        max(case when evidence_type = 'read' then 1 else 0 end) as reads,
        0 as identifies,
        0 as bakes,
        cast(sum(days) as bigint) as evidence_days,
        min(first_date) as first_evidence_date,
        max(last_hit_at) as last_seen_at,
        min(evidence_age_days) as evidence_age_days
    from evidence
    group by client_id, visitor_id, identifier_key, as_of

),

-- A contact id is one contact's own: it is never shared and never a household's.
compared as (

    select
        links.*,
        case when links.reads = 1 then 'read' else 'click' end as basis,
        links.clicks + links.reads as own_kinds,
        links.evidence_days as own_days,
        coalesce(visitors.first_browsed_date <= cast(links.as_of as date), false) as is_browsing,
        count(*) over browser as contacts_on_browser,
        count(*) over browser > 1 as has_rival,
        count(*) over contact as browsers_of_record
    from links
    left join {{ ref('int_visitors') }} as visitors
        on links.client_id = visitors.client_id and links.visitor_id = visitors.visitor_id
    window
        browser as (partition by links.client_id, links.visitor_id),
        contact as (partition by links.client_id, links.identifier_key)

),

weighed as (

    select *, {{ confidence_points() }}
    from compared

),

judged as (

    select
        weighed.*,
        {{ confidence() }} as confidence,
        visitors.subject_id is not null or contacts.subject_id is not null as is_suppressed
    from weighed
    left join suppressions as visitors
        on
            weighed.client_id = visitors.client_id
            and visitors.subject_type = 'visitor'
            and weighed.visitor_id = visitors.subject_id
            and visitors.suppressed_at <= weighed.as_of
    left join suppressions as contacts
        on
            weighed.client_id = contacts.client_id
            and contacts.subject_type = 'cep_contact'
            and weighed.identifier_key = contacts.subject_id
            and contacts.suppressed_at <= weighed.as_of

),

cep_contacts as (

    select
        judged.client_id,
        judged.visitor_id,
        {{ evidence_types('judged.') }} as evidence_types,
        {{ published_key('judged.client_id', 'judged.visitor_id') }} as visitor_key,
        cast(judged.identifier_key as bigint) as cep_contact_id,
        judged.evidence_days,
        judged.confidence,
        judged.is_suppressed,
        not judged.is_suppressed
        and judged.contacts_on_browser <= {{ var('hot_visitor_records') }}
        and judged.confidence >= clients.confidence_threshold as is_reachable,
        judged.first_evidence_date,
        judged.last_seen_at
    from judged
    inner join {{ ref('stg_registry__clients') }} as clients
        on judged.client_id = clients.client_id

)

select * from cep_contacts

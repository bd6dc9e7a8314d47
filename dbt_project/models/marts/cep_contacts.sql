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
        {{ days_between('evidence.last_date', 'build.as_of_date') }} as evidence_age_days
    from {{ ref('int_evidence_spans') }} as evidence
    inner join build
        on evidence.valid_from <= build.as_of_date and evidence.valid_until > build.as_of_date
    where evidence.identifier_type = 'cep_contact' and evidence.days > 0

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

-- What people said of a browser and a record goes for the contacts of that record.
decisions as (

    select decisions.client_id, decisions.visitor_id, decisions.decision, record_keys.identifier_key
    from {{ ref('int_match_decisions') }} as decisions
    inner join build
        on decisions.as_of_date = build.as_of_date
    left join {{ ref('int_record_keys') }} as record_keys
        on
            decisions.client_id = record_keys.client_id
            and decisions.crm_record_id = record_keys.crm_record_id
            and record_keys.identifier_type = 'cep_contact'
            and record_keys.valid_from <= build.as_of_date
            and record_keys.valid_until > build.as_of_date

),

decided as (

    select distinct client_id, visitor_id from decisions
    where decision = 'this_record'

),

said as (

    select
        client_id,
        visitor_id,
        identifier_key,
        max(case when decision = 'this_record' then 1 else 0 end) = 1 as is_theirs
    from decisions
    group by client_id, visitor_id, identifier_key

),

judged as (

    select
        weighed.*,
        {{ confidence() }} as confidence,
        decided.visitor_id is not null as is_decided,
        said.is_theirs,
        visitors.subject_id is not null or contacts.subject_id is not null as is_suppressed
    from weighed
    left join decided
        on weighed.client_id = decided.client_id and weighed.visitor_id = decided.visitor_id
    left join said
        on
            weighed.client_id = said.client_id
            and weighed.visitor_id = said.visitor_id
            and weighed.identifier_key = said.identifier_key
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
        and case
            when judged.is_decided or not judged.is_theirs then coalesce(judged.is_theirs, false)
            else
                judged.contacts_on_browser <= {{ var('hot_visitor_records') }}
                and judged.confidence >= clients.confidence_threshold
        end as is_reachable,
        judged.first_evidence_date,
        judged.last_seen_at
    from judged
    inner join {{ ref('stg_registry__clients') }} as clients
        on judged.client_id = clients.client_id

)

select * from cep_contacts

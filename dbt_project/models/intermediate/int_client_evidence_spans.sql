-- For which client evidence counts, and until when: a bake on a publisher's site for each client
-- of that publisher, all of it no longer than the client allows.
{{ config(materialized='view') }}

with

evidence as (

    select * from {{ ref('int_evidence_spans') }}

),

publishers as (

    select * from {{ ref('stg_registry__publishers') }}

),

clients as (

    select * from {{ ref('stg_registry__clients') }}

),

scoped as (

    select client_id as for_client_id, evidence.* from evidence
    where client_id <> ''
    union all
    select publishers.client_id as for_client_id, evidence.*
    from evidence
    inner join publishers
        on evidence.publisher_id = publishers.publisher_id
    where evidence.client_id = ''

),

limited as (

    select
        scoped.for_client_id as client_id,
        scoped.publisher_id,
        scoped.visitor_id,
        scoped.evidence_type,
        scoped.identifier_type,
        scoped.identifier_key,
        scoped.days,
        scoped.first_date,
        scoped.valid_from,
        least(scoped.valid_until, {{ add_days('scoped.valid_from', 'clients.evidence_days') }}) as valid_until
    from scoped
    inner join clients
        on scoped.for_client_id = clients.client_id

)

select * from limited

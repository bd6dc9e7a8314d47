-- Records that share an identifier with another one that evidence speaks for. Two records with
-- two identifiers in common are one person twice; two that differ in an identifier both have,
-- such as their telephone, are two people with one mailbox. Addresses tell households apart,
-- not people.
with

evidence as (

    select distinct as_of_date, client_id, crm_record_id, identifier_type, identifier_key
    from {{ ref('int_record_evidence') }}
    where records_on_key > 1 and identifier_type <> 'postal'

),

record_keys as (

    select * from {{ ref('int_record_keys') }}
    where identifier_type <> 'postal'

),

rivals as (

    select distinct evidence.as_of_date, evidence.client_id, evidence.crm_record_id, others.crm_record_id as rival_id
    from evidence
    inner join record_keys as others
        on
            evidence.client_id = others.client_id
            and evidence.identifier_type = others.identifier_type
            and evidence.identifier_key = others.identifier_key
            and evidence.crm_record_id <> others.crm_record_id
            and others.valid_from <= evidence.as_of_date
            and others.valid_until > evidence.as_of_date

),

compared as (

    select
        rivals.as_of_date,
        rivals.client_id,
        rivals.crm_record_id,
        rivals.rival_id,
        own.identifier_type,
        max(case when own.identifier_key = theirs.identifier_key then 1 else 0 end) as is_same
    from rivals
    inner join record_keys as own
        on
            rivals.client_id = own.client_id
            and rivals.crm_record_id = own.crm_record_id
            and own.valid_from <= rivals.as_of_date
            and own.valid_until > rivals.as_of_date
    inner join record_keys as theirs
        on
            rivals.client_id = theirs.client_id
            and rivals.rival_id = theirs.crm_record_id
            and own.identifier_type = theirs.identifier_type
            and theirs.valid_from <= rivals.as_of_date
            and theirs.valid_until > rivals.as_of_date
    group by rivals.as_of_date, rivals.client_id, rivals.crm_record_id, rivals.rival_id, own.identifier_type

),

judged as (

    select
        as_of_date,
        client_id,
        crm_record_id,
        rival_id,
        case when sum(is_same) >= 2 then 0 when min(is_same) = 1 then 1 else 2 end as strangeness
    from compared
    group by as_of_date, client_id, crm_record_id, rival_id

),

record_rivals as (

    select
        as_of_date,
        client_id,
        crm_record_id,
        count(*) as rivals,
        case max(strangeness) when 0 then 'shared_same' when 1 then 'shared' else 'shared_other' end as relation
    from judged
    group by as_of_date, client_id, crm_record_id

)

select * from record_rivals

with

deliverable as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        crm_record_id,
        cookie_seen_load_seq,
        is_confident,
        is_deliverable
    from {{ ref('matches') }}

),

held as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        crm_record_id,
        held_load_seq
    from {{ ref('stg_state__holdings') }}

),

-- What an exporter decides when it sends, counted as of the build.
pairs as (

    select
        coalesce(deliverable.client_id, held.client_id) as client_id,
        coalesce(deliverable.partner_id, held.partner_id) as partner_id,
        case
            when deliverable.client_id is null then 'removed'
            when not deliverable.is_deliverable and held.client_id is not null then 'taken_back'
            when not deliverable.is_confident then 'unsure'
            when not deliverable.is_deliverable then 'shared_cookie'
            when held.client_id is null then 'added'
            when deliverable.cookie_seen_load_seq > held.held_load_seq then 'seen'
            else 'unseen'
        end as fate,
        coalesce(deliverable.is_confident, true) as is_confident
    from deliverable
    full join held
        on
            deliverable.client_id = held.client_id
            and deliverable.partner_id = held.partner_id
            and deliverable.partner_cookie_id = held.partner_cookie_id
            and deliverable.crm_record_id = held.crm_record_id

),

counted as (

    select
        client_id,
        partner_id,
        sum(case when fate = 'unsure' or (fate = 'taken_back' and not is_confident) then 1 else 0 end) as unsure,
        sum(case when fate = 'shared_cookie' or (fate = 'taken_back' and is_confident) then 1 else 0 end) as shared,
        sum(case when fate = 'unseen' then 1 else 0 end) as unseen,
        sum(case when fate = 'added' then 1 else 0 end) as added,
        sum(case when fate = 'seen' then 1 else 0 end) as seen,
        sum(case when fate in ('removed', 'taken_back') then 1 else 0 end) as removed
    from pairs
    group by client_id, partner_id

),

accounts as (

    select
        partners.client_id,
        partners.partner_id,
        cast(coalesce(unsure + shared + unseen + added + seen, 0) as bigint) as matched_pairs,
        cast(coalesce(unsure, 0) as bigint) as unsure_pairs,
        cast(coalesce(shared, 0) as bigint) as shared_cookie_pairs,
        cast(coalesce(unseen, 0) as bigint) as unseen_pairs,
        cast(coalesce(added, 0) as bigint) as added_pairs,
        cast(coalesce(seen, 0) as bigint) as seen_pairs,
        cast(coalesce(removed, 0) as bigint) as removed_pairs
    from {{ ref('stg_registry__client_partners') }} as partners
    left join counted
        on partners.client_id = counted.client_id and partners.partner_id = counted.partner_id

)

select * from accounts

{{ whole_partitions('as_of_date') }}

with

dates as (

    select * from {{ ref('int_rate_dates') }}
    where is_restated

),

members as (

    select * from {{ ref('record_origins') }}

),

cohorts as (

    select
        members.client_id,
        members.upload_seq,
        max(loads.list_id) as list_id,
        max(loads.landed_date) as uploaded_date,
        count(*) as new_records
    from members
    inner join {{ ref('stg_ledger__loads') }} as loads
        on members.upload_seq = loads.load_seq
    group by members.client_id, members.upload_seq

),

watched as (

    select cohorts.*, dates.as_of_date, dates.end_at, dates.load_seq
    from cohorts
    inner join dates
        on
            cohorts.uploaded_date <= dates.as_of_date
            and {{ add_days('cohorts.uploaded_date', 90) }} >= dates.as_of_date

),

eligible as (

    select records.as_of_date, records.client_id, members.upload_seq, count(*) as records
    from {{ ref('int_record_dates') }} as records
    inner join members
        on records.client_id = members.client_id and records.crm_record_id = members.crm_record_id
    where records.is_eligible
    group by records.as_of_date, records.client_id, members.upload_seq

),

seen as (

    select as_of_date, client_id, partner_id, crm_record_id
    from {{ ref('int_record_sightings') }}
    where last_seen_at >= {{ days_before('end_at', var('headline_days')) }}
    union
    select as_of_date, client_id, 'all' as partner_id, crm_record_id
    from {{ ref('int_record_sightings') }}
    where last_seen_at >= {{ days_before('end_at', var('headline_days')) }}

),

matched as (

    select seen.as_of_date, seen.client_id, seen.partner_id, members.upload_seq, count(*) as records
    from seen
    inner join members
        on seen.client_id = members.client_id and seen.crm_record_id = members.crm_record_id
    group by seen.as_of_date, seen.client_id, seen.partner_id, members.upload_seq

),

partners as (

    select client_id, partner_id from {{ ref('stg_registry__client_partners') }}
    union all
    select client_id, 'all' as partner_id from {{ ref('stg_registry__clients') }}

),

upload_cohorts as (

    select
        watched.client_id,
        partners.partner_id,
        watched.list_id,
        watched.upload_seq,
        cast({{ days_between('watched.uploaded_date', 'watched.as_of_date') }} as bigint) as days_since_upload,
        watched.new_records,
        coalesce(eligible.records, 0) as eligible_records,
        coalesce(matched.records, 0) as matched_records,
        watched.load_seq,
        {{ share('coalesce(matched.records, 0)', 'eligible.records') }} as matched_share,
        watched.uploaded_date,
        watched.as_of_date
    from watched
    inner join partners
        on watched.client_id = partners.client_id
    left join eligible
        on
            watched.as_of_date = eligible.as_of_date
            and watched.client_id = eligible.client_id
            and watched.upload_seq = eligible.upload_seq
    left join matched
        on
            watched.as_of_date = matched.as_of_date
            and watched.client_id = matched.client_id
            and partners.partner_id = matched.partner_id
            and watched.upload_seq = matched.upload_seq

)

select * from upload_cohorts

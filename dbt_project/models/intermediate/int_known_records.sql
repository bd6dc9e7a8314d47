-- Eligible records that a partner knew by itself, as of the newest day.
with

known_records as (

    select distinct
        baselines.as_of_date,
        baselines.client_id,
        baselines.partner_id,
        records.crm_record_id,
        records.has_email,
        records.has_phone,
        records.has_postal
    from {{ ref('int_baselines') }} as baselines
    inner join {{ ref('stg_baseline__pairs') }} as pairs
        on baselines.load_seq = pairs.load_seq
    inner join {{ ref('int_record_dates') }} as records
        on
            baselines.as_of_date = records.as_of_date
            and baselines.client_id = records.client_id
            and pairs.crm_record_id = records.crm_record_id
    where records.is_eligible

)

select * from known_records

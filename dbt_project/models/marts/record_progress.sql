{{ mart_view() }}

with

build as (

    select * from {{ ref('int_build') }}

),

progress as (

    select * from {{ ref('int_record_progress') }}

),

baselines as (

    select baselines.*
    from {{ ref('int_baselines') }} as baselines
    inner join build
        on baselines.as_of_date = build.as_of_date

),

known as (

    select known.*
    from {{ ref('int_known_records') }} as known
    inner join build
        on known.as_of_date = build.as_of_date

),

record_progress as (

    select
        progress.client_id,
        progress.partner_id,
        progress.crm_record_id,
        progress.lost_because as reason,
        concat_ws(
            ', ',
            case when progress.has_email then 'email' end,
            case when progress.has_phone then 'phone' end,
            case when progress.has_postal then 'postal' end
        ) as identifier_types,
        coalesce(
            progress.lost_because not in ('withdrawn', 'missing_from_replacement', 'opted_out', 'no_identifier'),
            true
        ) as is_eligible,
        case when baselines.load_seq is not null then known.crm_record_id is not null end as is_known_to_partner
    from progress
    left join baselines
        on progress.client_id = baselines.client_id and progress.partner_id = baselines.partner_id
    left join known
        on
            progress.client_id = known.client_id
            and progress.partner_id = known.partner_id
            and progress.crm_record_id = known.crm_record_id

)

select * from record_progress

{{ whole_partitions('as_of_date') }}

-- Each evening's pairs are a prediction; the next day's evidence tests it. A browser in which
-- another of its predicted records was recognised tests nothing: both may use it.
with

dates as (

    select * from {{ ref('int_rate_dates') }}
    where is_restated

),

predicted as (

    select dates.as_of_date, pairs.client_id, pairs.visitor_id, pairs.crm_record_id
    from dates
    inner join {{ ref('int_visitor_record_dates') }} as pairs
        on pairs.as_of_date = {{ add_days('dates.as_of_date', -1) }}
    inner join {{ ref('int_record_dates') }} as records
        on
            dates.as_of_date = records.as_of_date
            and pairs.client_id = records.client_id
            and pairs.crm_record_id = records.crm_record_id
    where pairs.is_confident and records.is_eligible

),

-- What the day itself says; an address says who lives there, not who sat there.
recognised as (

    select distinct as_of_date, client_id, visitor_id, crm_record_id
    from {{ ref('int_record_evidence') }}
    where last_date = as_of_date and identifier_type <> 'postal'

),

browsers as (

    select distinct as_of_date, client_id, visitor_id from recognised

),

compared as (

    select
        predicted.as_of_date,
        predicted.client_id,
        predicted.visitor_id,
        predicted.crm_record_id,
        case when recognised.crm_record_id is not null then 1 else 0 end as is_confirmed,
        max(case when recognised.crm_record_id is not null then 1 else 0 end) over (
            partition by predicted.as_of_date, predicted.client_id, predicted.visitor_id
        ) as is_browser_confirmed
    from predicted
    inner join browsers
        on
            predicted.as_of_date = browsers.as_of_date
            and predicted.client_id = browsers.client_id
            and predicted.visitor_id = browsers.visitor_id
    left join recognised
        on
            predicted.as_of_date = recognised.as_of_date
            and predicted.client_id = recognised.client_id
            and predicted.visitor_id = recognised.visitor_id
            and predicted.crm_record_id = recognised.crm_record_id

),

match_tests as (

    select
        client_id,
        crm_record_id,
        {{ published_key('client_id', 'visitor_id') }} as visitor_key,
        is_confirmed = 1 as is_confirmed,
        as_of_date
    from compared
    where is_confirmed = 1 or is_browser_confirmed = 0

)

select * from match_tests

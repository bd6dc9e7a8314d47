{% set rate = ['as_of_date', 'client_id', 'partner_id', 'look_back_days'] %}

-- After these: what int_rate_dates reads here as restated is so there too.
-- depends_on: {{ ref('upload_cohorts') }}, {{ ref('match_steps') }}, {{ ref('match_precision') }}

with

build as (

    select * from {{ ref('int_build') }}

),

match_rates as (

    select rates.*
    from {{ ref('match_rates') }} as rates
    inner join build
        on rates.as_of_date = build.as_of_date
    where rates.partner_id <> 'mapp_cep'

),

pair_counts as (

    select * from {{ ref('int_rate_pair_counts') }}

),

look_backs as (

    {{ look_backs() }}

),

-- Under the partner "any", browsers with a partner's cookie or without.
seen_counts as (

    select
        sightings.as_of_date,
        sightings.client_id,
        sightings.partner_id,
        look_backs.look_back_days,
        sightings.breakdown,
        sightings.breakdown_value,
        cast(sum(sightings.cookies) as bigint) as cookies,
        cast(sum(sightings.browsers) as bigint) as browsers
    from {{ ref('int_last_sightings') }} as sightings
    inner join look_backs
        on sightings.days_ago <= look_backs.look_back_days
    group by
        sightings.as_of_date, sightings.client_id, sightings.partner_id, look_backs.look_back_days,
        sightings.breakdown, sightings.breakdown_value

),

browser_counts as (

    select * from seen_counts
    where partner_id = 'any'

),

baselines as (

    select * from {{ ref('int_baselines') }}

),

known_counts as (

    select * from {{ ref('int_rate_known_counts') }}

),

added_counts as (

    select * from {{ ref('int_rate_added_counts') }}

),

-- By identifier type the cookies and browsers seen stay those of all: nobody knows whose they are.
counted as (

    select
        rates.client_id,
        rates.partner_id,
        rates.breakdown,
        rates.breakdown_value,
        rates.look_back_days,
        rates.numerator as matched_records,
        rates.denominator as eligible_records,
        coalesce(pair_counts.pairs, 0) as matched_pairs,
        coalesce(pair_counts.cookies, 0) as matched_cookies,
        coalesce(seen_counts.cookies, 0) as seen_cookies,
        case
            when rates.breakdown <> 'identifier_type' then coalesce(seen_counts.browsers, 0)
        end as synced_browsers,
        case
            when rates.breakdown <> 'identifier_type' then coalesce(browser_counts.browsers, 0)
        end as seen_browsers,
        case
            when baselines.load_seq is not null and rates.breakdown <> 'site'
                then coalesce(known_counts.records, 0)
        end as known_records,
        case when baselines.load_seq is not null then coalesce(added_counts.records, 0) end as added_records,
        rates.load_seq,
        rates.match_rate,
        baselines.landed_date as baseline_date,
        rates.as_of_date
    from match_rates as rates
    left join pair_counts
        on {{ same_rate('rates', 'pair_counts', rate) }}
    left join seen_counts
        on {{ same_rate('rates', 'seen_counts', rate, only='site') }}
    left join browser_counts
        on {{ same_keys('rates', 'browser_counts', ['as_of_date', 'client_id', 'look_back_days']) }}
    left join baselines
        on {{ same_keys('rates', 'baselines', ['as_of_date', 'client_id', 'partner_id']) }}
    left join known_counts
        on {{ same_rate('rates', 'known_counts', ['as_of_date', 'client_id', 'partner_id']) }}
    left join added_counts
        on {{ same_rate('rates', 'added_counts', rate) }}

),

more_rates as (

    select
        *,
        {{ interval_low('matched_records', 'eligible_records') }} as match_rate_low,
        {{ interval_high('matched_records', 'eligible_records') }} as match_rate_high,
        {{ share('matched_cookies', 'seen_cookies') }} as cookie_match_rate,
        {{ interval_low('matched_cookies', 'seen_cookies') }} as cookie_match_rate_low,
        {{ interval_high('matched_cookies', 'seen_cookies') }} as cookie_match_rate_high,
        {{ share('synced_browsers', 'seen_browsers') }} as sync_rate,
        {{ interval_low('synced_browsers', 'seen_browsers') }} as sync_rate_low,
        {{ interval_high('synced_browsers', 'seen_browsers') }} as sync_rate_high,
        {{ share('known_records', 'eligible_records') }} as partner_own_rate,
        {{ share('added_records', 'eligible_records') }} as incremental_match_rate,
        {{ interval_low('added_records', 'eligible_records') }} as incremental_match_rate_low,
        {{ interval_high('added_records', 'eligible_records') }} as incremental_match_rate_high,
        {{ share('added_records', 'known_records') }} as uplift,
        {{ share('matched_pairs', 'matched_records') }} as ids_per_record
    from counted

)

select
    client_id, partner_id, breakdown, breakdown_value, look_back_days,
    matched_records, eligible_records, matched_pairs, matched_cookies, seen_cookies,
    synced_browsers, seen_browsers, known_records, added_records, load_seq,
    match_rate, match_rate_low, match_rate_high,
    cookie_match_rate, cookie_match_rate_low, cookie_match_rate_high,
    sync_rate, sync_rate_low, sync_rate_high,
    partner_own_rate, incremental_match_rate, incremental_match_rate_low, incremental_match_rate_high,
    uplift, ids_per_record, baseline_date, as_of_date
from more_rates

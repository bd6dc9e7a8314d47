-- Cookies with too many records are a kiosk's and lead to none. No cookie has more records than its
-- browsers have together, so that few need be counted day by day.
with

dates as (

    select * from {{ ref('int_rate_dates') }}

),

pairs as (

    select * from {{ ref('int_visitor_record_dates') }}

),

spans as (

    select * from {{ ref('int_sync_spans') }}

),

crowds as (

    select client_id, visitor_id, max(records_on_browser) as records
    from pairs
    group by client_id, visitor_id

),

crowded as (

    select browsers.client_id, browsers.partner_id, browsers.partner_cookie_id
    from (select distinct client_id, partner_id, partner_cookie_id, visitor_id from spans) as browsers
    inner join crowds
        on browsers.client_id = crowds.client_id and browsers.visitor_id = crowds.visitor_id
    group by browsers.client_id, browsers.partner_id, browsers.partner_cookie_id
    having sum(crowds.records) > {{ var('hot_cookie_records') }}

),

hot_cookies as (

    select dates.as_of_date, spans.client_id, spans.partner_id, spans.partner_cookie_id
    from crowded
    inner join spans
        on {{ same_keys('crowded', 'spans', ['client_id', 'partner_id', 'partner_cookie_id']) }}
    inner join dates
        on spans.valid_from <= dates.as_of_date and spans.valid_until > dates.as_of_date
    inner join pairs
        on {{ same_keys('spans', 'pairs', ['client_id', 'visitor_id']) }} and dates.as_of_date = pairs.as_of_date
    group by dates.as_of_date, spans.client_id, spans.partner_id, spans.partner_cookie_id
    having count(distinct pairs.crm_record_id) > {{ var('hot_cookie_records') }}

)

select * from hot_cookies

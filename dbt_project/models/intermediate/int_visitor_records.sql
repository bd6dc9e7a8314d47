{{ config(materialized='view') }}

with

pairs as (

    select * from {{ ref('int_visitor_record_dates') }}

),

build as (

    select * from {{ ref('int_build') }}

),

today as (

    select pairs.*, pairs.is_confident as is_deliverable
    from pairs
    inner join build
        on pairs.as_of_date = build.as_of_date

)

select * from today

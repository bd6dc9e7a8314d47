with

source as (

    select * from {{ source('raw', 'load_columns') }}

),

renamed as (

    select
        load_seq,
        list_id,
        column_kind,
        column_name
    from source

)

select * from renamed

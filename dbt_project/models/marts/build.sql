with

build as (

    select * from {{ ref('int_build') }}

)

select
    build_id,
    '{{ rules_version() }}' as rules_version,
    load_seq,
    as_of,
    as_of_date
from build

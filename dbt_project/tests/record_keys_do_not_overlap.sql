-- Law: on any day a record bears a key once, however many lists and columns say so. Otherwise
-- evidence would count twice and a person on two lists would seem to be two.
select
    earlier.client_id,
    earlier.crm_record_id,
    earlier.identifier_type
from {{ ref('int_record_keys') }} as earlier
inner join {{ ref('int_record_keys') }} as later
    on
        earlier.client_id = later.client_id
        and earlier.crm_record_id = later.crm_record_id
        and earlier.identifier_type = later.identifier_type
        and earlier.identifier_key = later.identifier_key
where
    earlier.valid_from <= later.valid_from
    and earlier.valid_until > later.valid_from
    and (earlier.valid_from < later.valid_from or earlier.valid_until <> later.valid_until)

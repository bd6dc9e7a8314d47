-- Law: a member is a person. The browsers of one record are one member, two records are never
-- the same member, each browser that calls is in exactly one of them, and no person is missing.
select client_id, count(distinct crm_record_id) as records, count(distinct member_key) as people
from {{ ref('members') }}
where is_matched
group by client_id
having count(distinct crm_record_id) <> count(distinct member_key)
union all
select visitors.client_id, count(*) as records, count(members.visitor_key) as people
from {{ ref('visitors') }} as visitors
full outer join {{ ref('members') }} as members
    on visitors.client_id = members.client_id and visitors.visitor_key = members.visitor_key
group by visitors.client_id
having count(visitors.visitor_key) <> count(members.visitor_key)
union all
select members.client_id, count(*) as records, count(people.member_key) as people
from (select distinct client_id, member_key from {{ ref('members') }}) as members
full outer join {{ ref('people') }} as people
    on members.client_id = people.client_id and members.member_key = people.member_key
group by members.client_id
having count(members.member_key) <> count(people.member_key)

-- Law: a member is a person. The browsers of one record are one member, two records are never
-- the same member, and each browser that calls is in exactly one of them.
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

{# A law within one row: returns the rows for which `expression` is false or unknown. #}
{% test holds_for_every_row(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}

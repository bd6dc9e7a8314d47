{# Confidence of a browser–record pair, 0 to 1: how likely it is that this person used this
   browser. Each day of evidence halves (or more) what is left of the doubt, depending on its
   kind; other records on the same browser share it. Not calibrated yet: an ordering with a
   threshold, not a probability. #}

{% macro evidence_strength(evidence_type, days) -%}
    1 - exp(sum(least({{ days }}, 20) * ln(case {{ evidence_type }}
        when 'identify' then 0.2 when 'click' then 0.3 when 'bake' then 0.4 else 0.4 end)))
{%- endmacro %}

{% macro confidence(strength, evidence_share) -%}
    round(least({{ strength }} * sqrt({{ evidence_share }}), 0.99), 4)
{%- endmacro %}

{# The kinds of evidence, in a fixed order. #}
{% macro evidence_types(prefix='') -%}
    concat_ws(', ',
        case when {{ prefix }}clicks > 0 then 'click' end,
        case when {{ prefix }}reads > 0 then 'read' end,
        case when {{ prefix }}identifies > 0 then 'identify' end,
        case when {{ prefix }}bakes > 0 then 'bake' end)
{%- endmacro %}

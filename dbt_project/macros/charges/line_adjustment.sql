{# A line rounded as its price says, in the select list of a relation with rounding_method and rounding_decimals; most say nothing. #}
{% macro line_rounding(amount) -%}
    case
        when rounding_method is null then {{ amount }}
        else cast({{ round_by_method(amount, 'rounding_method', 'rounding_decimals', power_of_ten('16 - rounding_decimals')) }} as numeric(38, 16))
    end
{%- endmacro %}

{# What an adjustment adds to a line of `before`, zero or negative; never more than there is:
   10 percent of 30.00 is -3.00; an amount of 40.00 on 30.00 is -30.00; a maximum of 25.00 on 30.00 is -5.00, and -15.00 when earlier
   bills of the same counter charged 10.00 of it. What an allowance of money paid was worked out event by event, and is taken as it is. A prorated amount is a
   part by days or seconds, exact: a third of 22.50 is 7.50. #}
{% macro line_adjustment(before, adjustment) -%}
    {%- set amount -%}
        case
            when {{ adjustment }}.is_prorated and {{ adjustment }}.factor_numerator < {{ adjustment }}.factor_divisor
                then {{ ratio_round(adjustment ~ '.amount * ' ~ adjustment ~ '.factor_numerator', adjustment ~ '.factor_divisor', 16) }}
            else {{ adjustment }}.amount
        end
    {%- endset -%}
    cast(case
        when {{ adjustment }}.kind = 'allowance' then -{{ adjustment }}.amount
        when {{ before }} < {{ adjustment }}.from_amount or {{ before }} <= 0 then 0
        when {{ adjustment }}.kind = 'percent' then -round({{ before }} * {{ adjustment }}.percent * 0.01, 16)
        when {{ adjustment }}.kind = 'amount' then -least({{ amount }}, {{ before }})
        when {{ adjustment }}.kind = 'maximum'
            then -greatest(
                {{ before }} - greatest({{ amount }} - {{ adjustment }}.charged_before_exact, 0), 0
            )
    end as numeric(38, 16))
{%- endmacro %}

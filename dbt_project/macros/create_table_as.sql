{#
    dbt-postgres fills a table under contract with `insert ... select`, which PostgreSQL never runs in parallel. Here the
    contract is checked the same way, the table is made by `create table as` (parallel, and without log while it is new), and the
    contract's not-null columns are declared afterwards in one pass, as attaching it to a published partition needs them.
#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set contract = config.get('contract') -%}
    {%- if contract.enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create {% if temporary %}temporary {% endif %}table {{ relation }} as (
        {% if contract.enforced %}{{ get_select_subquery(sql) }}{% else %}{{ sql }}{% endif %}
    );
    {%- if contract.enforced -%}
        {%- set not_null_columns = [] -%}
        {%- for column in model.columns.values() -%}
            {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
                {%- do not_null_columns.append(column.name) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if not_null_columns %}
    alter table {{ relation }} {% for name in not_null_columns %}alter column {{ name }} set not null{{ ", " if not loop.last }}{% endfor %};
        {%- endif -%}
        {%- for constraint in model.constraints if constraint.type == 'primary_key' %}
    alter table {{ relation }} add primary key ({{ constraint.columns | join(', ') }});
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#
    dbt-postgres fills a table under contract with `insert ... select`, which PostgreSQL never runs in parallel. Here the table is made
    by `create table as` (parallel, and without log while it is new), its columns are compared with the contract (dbt would plan the
    query once more to ask for them), and the contract's not-null columns are declared afterwards in one pass, as attaching it to a
    published partition needs them.
#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set contract = config.get('contract') %}
    create {% if temporary %}temporary {% elif config.get('unlogged') %}unlogged {% endif %}table {{ relation }} as (
        {{ sql }}
    );
    {%- if contract.enforced %}
        {{ assert_contract(relation) }}
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

{# The columns that were made are those that the contract names: name and type, as dbt compares them, and their order. #}
{% macro assert_contract(relation, in_order=true) %}
    do $contract$
    declare
        expected text[] := array[
            {%- for column in model.columns.values() %}
            '{{ column.name }} ' || '{{ column.data_type }}'::regtype{{ "," if not loop.last }}
            {%- endfor %}
        ];
        found text[] := (
            select array_agg(attname || ' ' || atttypid::regtype order by attnum)
            from pg_catalog.pg_attribute where attrelid = '{{ relation }}'::regclass and attnum > 0
        );
    begin
        {%- if not in_order %}
        expected := array(select unnest(expected) order by 1);
        found := array(select unnest(found) order by 1);
        {%- endif %}
        if found is distinct from expected then
            raise exception '{{ this.identifier }} breaks its contract: found [%], expected [%]',
                coalesce(
                    nullif(array_to_string(array(select unnest(found) except all select unnest(expected)), ', '), ''),
                    'another order'
                ),
                coalesce(
                    nullif(array_to_string(array(select unnest(expected) except all select unnest(found)), ', '), ''),
                    array_to_string(expected, ', ')
                )
                using errcode = 'datatype_mismatch',
                hint = 'The model''s columns, their order and types are those of its yml file: change one of the two.';
        end if;
    end $contract$;
{%- endmacro %}

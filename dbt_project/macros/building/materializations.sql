{#
    Tables and views as dbt makes them, each by one statement sent to PostgreSQL: a run has some 200 small models, and what dbt does
    around each costs more than the models themselves. PostgreSQL runs what is sent together as one transaction: the lease is asserted
    (a model locks it and stops when another run has taken over), hooks set what the statement needs, the model is built, its contract
    is checked, and it takes its place. The lane is a draft that nobody else reads, so nothing is kept aside under a backup name. No
    grants, no indexes, no comments, and no question what stands at the model's place: a relation of the other kind is noticed by the
    error it gives.

    A view is replaced in place, so that views over it stay; only where its columns changed it is dropped with them, and dbt makes
    them anew.
#}
{% materialization view, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set statements -%}
        select control.assert_token('{{ this.schema }}');
        {{ statements_of_hooks(pre_hooks) }}
        do $model$ begin
            create or replace view {{ target_relation }} as
            {{ sql }}
            ;
        exception
            when invalid_table_definition then
                drop view {{ target_relation }} cascade;
                create view {{ target_relation }} as
                {{ sql }}
                ;
            when wrong_object_type then
                drop table {{ target_relation }} cascade;
                create view {{ target_relation }} as
                {{ sql }}
                ;
        end $model$;
        {{ statements_of_hooks(post_hooks) }}
    {%- endset -%}
    {%- do execute_together(statements) -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Filled under another name and moved into place at the end, so that the old table is locked for a moment only. A model whose
   `meta` names its `shares` is not filled: it is made of their tables (macro table_of_shares). No merge joins: where statistics are
   missing PostgreSQL takes one on a part of the keys, and compares everything within. Tables of an earlier run are dropped one
   at a time: views over two of them would go with both, in another order each, and two threads waited for each other for ever. #}
{% materialization table, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set being_made = target_relation.incorporate(path={'identifier': this.identifier ~ '__dbt_tmp'}) -%}
    {%- set statements -%}
        select control.assert_token('{{ this.schema }}');
        set local enable_mergejoin = off;
        {{ statements_of_hooks(pre_hooks) }}
        {%- if (config.get('meta') or {}).shares %}
        {{ table_of_shares(being_made, config.get('meta').shares) }}
        {%- else %}
        {{ postgres__create_table_as(False, being_made, sql) }}
        {%- endif %}
        do $model$ begin
            if to_regclass('{{ target_relation }}') is not null then
                perform pg_advisory_xact_lock(hashtextextended('tables dropped in lane {{ this.schema }}', 0));
                drop table {{ target_relation }} cascade;
            end if;
        exception when wrong_object_type then
            drop view {{ target_relation }} cascade;
        end $model$;
        alter table {{ being_made }} rename to {{ adapter.quote(this.identifier) }};
        {{ statements_of_hooks(post_hooks) }}
    {%- endset -%}
    {%- do execute_together(statements) -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# The hooks of a model as statements of its own transaction. #}
{% macro statements_of_hooks(hooks) -%}
    {%- for hook in hooks %}
        {{ render(hook['sql']) }};
    {%- endfor -%}
{%- endmacro %}

{# Send statements together: without `begin` of ours they are one transaction, ended by the last of them. #}
{% macro execute_together(statements) -%}
    {%- set response, _ = adapter.execute(statements, auto_begin=False, fetch=False) -%}
    {%- do store_result('main', response=response) -%}
{%- endmacro %}

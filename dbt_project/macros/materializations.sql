{#
    Tables and views as dbt makes them, with half of the statements: a run has some 160 small models, and what dbt does around each
    costs more than the models themselves. The lane is a draft that nobody else reads, so nothing is kept aside under a backup name.
    Hooks (the lease above all), the contract and the model are one transaction, as before. No grants, no indexes, no comments.

    A view is replaced in place, so that views over it stay; only where its columns changed it is dropped with them, and dbt makes
    them anew.
#}
{% materialization view, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {%- if existing is not none and not existing.is_view %}
        drop {{ existing.type }} if exists {{ existing }} cascade;
        {%- endif %}
        do $model$ begin
            create or replace view {{ target }} as
            {{ sql }}
            ;
        exception when invalid_table_definition then
            drop view {{ target }} cascade;
            create view {{ target }} as
            {{ sql }}
            ;
        end $model$
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Filled under another name and moved into place at the end, so that the old table is locked for a moment only. A model whose
   `meta` names its `shares` is not filled: it is made of their tables (macro table_of_shares). #}
{% materialization table, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set being_made = make_intermediate_relation(target) -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {%- if (config.get('meta') or {}).shares %}
        {{ table_of_shares(being_made, sql, config.get('meta').shares) }}
        {%- else %}
        {{ get_create_table_as_sql(False, being_made, sql) }}
        {%- endif %}
    {%- endcall -%}
    {%- call statement('into_place') -%}
        drop {{ 'table' if existing is none else existing.type }} if exists {{ target }} cascade;
        alter table {{ being_made }} rename to {{ adapter.quote(this.identifier) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

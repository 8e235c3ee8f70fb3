"""dbt as the runs use it: prepared once, called with little around it, its nodes as Dagster assets.

Belongs here: the manifest, the command and the parts of dbt it replaces, assets, trials, compiled SQL.
Belongs elsewhere: any SQL (``dbt_project``). This module imports nothing: dbt's own process begins with the package.
"""

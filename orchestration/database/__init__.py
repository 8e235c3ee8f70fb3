"""PostgreSQL: the embedded server, connections, migrations, leases, Dagster's storage.

Belongs here: everything that knows how the database is reached, made and guarded.
Belongs elsewhere: what is written to it (``assets``), what dbt builds in it (``orchestration.dbt``).
"""

"""From a landing folder to encoded rows; README.md beside this file says how.

Belongs here: files, usage rows and their dispositions; ``populations`` has the records of parties, accounts, products.
Belongs elsewhere: what a row is worth (``dbt_project``), the forms of usage files (``assets.catalog``).
"""

"""What people see of a posted period: bills, statements, CSV, the index page, term sheets.

Belongs here: reading posted records into documents, their words, printing them.
Belongs elsewhere: how a page looks (``templates``), every amount (dbt, the ledger).
"""

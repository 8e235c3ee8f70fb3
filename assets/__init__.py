"""What Apportion produces, one package per stage, in the order of the flow:

``catalog`` (the book) and ``ingestion`` (the inbox) feed the dbt project, which calculates all money; ``quality`` holds
what must be true at the doors, ``publishing`` shows a draft to readers, ``posting`` makes it a record, ``documents``
prints it, ``payments`` pays partners. ``synthetic`` makes an example month. Plain modules never import dagster; each
stage's ``assets.py`` is its Dagster face.
"""

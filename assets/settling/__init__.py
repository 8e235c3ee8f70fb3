"""What the parties do about a document: approvals, answers, their own figures, disputes, margins.

Belongs here: these acts and what they decide.
Belongs elsewhere: the settlement itself (dbt), paying it (``assets.payments``).
"""

"""Quotes: what a hypothetical usage would cost under an offering.

Belongs here: words of the command line to usage rows (``hypothetical``), the trial and its figures (``quote``).
Belongs elsewhere: every amount (the dbt models, which a bill run uses as well), printing (``orchestration.cli``).
"""

"""The review of a drawn sample: work lists out, outcomes back, decisions on to the next night.

In: a drawn month and what auditors write. Out: work lists, an append-only store of outcomes, manual decisions, and
what can be learnt from them. No kernel lives here. Source: audit.md §2, §5–7.
"""

"""Nights that add up: what earlier runs leave behind, and what a new one takes from it.

A run judges its new claims together with every earlier claim of the same people. Each run keeps, in `state/`, all
claims of the people it judged with their outcome, so the newest run that knows a person knows all of them; and in
`ids/` the hashes of its new claim ids. Source: rules.md §4.
"""

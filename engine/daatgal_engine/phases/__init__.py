"""The payment rules, one function each: group scans over the people of a block.

A phase takes `(block, people, rules, scratch)`, looks only at claims that are still payable and for which its rule is
on, and writes decisions, reasons and related rows into the block. `settle.py` lists them in the order of rules.md §3.
"""

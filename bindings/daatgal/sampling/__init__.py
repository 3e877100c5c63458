"""The targeted sample of a month: designed, drawn, verified, and shown to represent what it stands for.

In: results folders of a month's nights, a design, a private key file, the facilities. Out: the tables `frame` and
`sample`, and what a manifest says of them. The draw is a pure function of a key and the case ids: the same in any
order, partition or engine. Source: audit.md §4. No kernel lives here.
"""

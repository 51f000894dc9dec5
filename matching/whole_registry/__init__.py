"""Whole-registry matching: every pair of customers that may be one, found at once instead of record by record.

It asks of every live contact what a submission would ask if the contact were submitted now: which other customers share
a planned key with it, and which of those reach the review threshold. The work is done by Splink on an *engine*, DuckDB
in this process or Spark on a cluster; docs/at-scale.md tells how it is run, docs/adr/0009-whole-registry-matching.md
why so.

- `statement`: what one live contact says, or what the golden record says of a customer with several contacts.
- `owner`: a customer by number: the id of its oldest live contact. Engines join numbers quicker than UUIDs.
"""

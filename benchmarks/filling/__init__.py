"""A registry of any size, written as the verbs would have left it.

    python -m benchmarks.filling --size 1000000 [--url postgresql://…]

Loading through a door takes hours at ten million, and what is measured afterwards is the door, not the loading: so the
rows go in by COPY, in parallel, with the indexes made at the end. Every second customer has a name and a record from
CRM (a tenth of all have one from ERP as well), the others are nameless shoppers. Match keys are the active model's own.
"""

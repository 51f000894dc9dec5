"""Identifying many records in one transaction, with the answers and the traces that one after the other would have."""

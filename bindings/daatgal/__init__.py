"""daatgal: from a claim file to an exact ledger."""

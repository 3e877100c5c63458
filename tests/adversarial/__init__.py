"""Claims and tariff books made to be awkward: few keys, many ties, every rule and every fault often."""

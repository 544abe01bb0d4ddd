"""Machine code for a claim: its arithmetic, and the loops round it, eight instances at a time."""

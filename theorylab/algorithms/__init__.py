"""The papers' learners and planners, in float64; they know no claim and no engine."""

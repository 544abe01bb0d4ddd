"""The field's vocabulary: pure functions of worlds and arrays, over any number system."""

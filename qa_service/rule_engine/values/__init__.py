"""Stated values: durations, amounts, percentages, multiples; their units and comparison with policies."""

"""Stated values: durations, dates, amounts, percentages, multiples; their units and comparison with policies."""

"""Benchmarks: `make bench`. Figures are ratios and rates of one run on one machine; nothing here is a timed test."""

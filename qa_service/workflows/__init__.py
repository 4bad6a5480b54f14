"""The order of the stages. Sees the outside only through `ports`."""

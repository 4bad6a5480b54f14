"""One file per resource; each route is one call of a workflow."""

"""The HTTP shell: routes, schemas, errors and pages around the engine's workflows. Owns no decision."""

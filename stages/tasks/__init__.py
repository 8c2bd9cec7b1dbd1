"""A task of one's own: `python -m stages.tasks`, which is no stage."""

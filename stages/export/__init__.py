"""Fine-tuned students in a form for other programs: python -m stages.export, which is no stage."""

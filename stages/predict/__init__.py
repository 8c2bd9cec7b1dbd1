"""Using a trained student on texts of one's own: python -m stages.predict, which is no stage."""

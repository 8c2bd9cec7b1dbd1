"""The parts of a fine-tuning: texts into batches, the model and its head, the steps, what is kept for a restart."""

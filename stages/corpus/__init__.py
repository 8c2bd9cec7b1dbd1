"""The real texts of a task: fetched or taken from a file, checked, written to test.jsonl and train.jsonl."""

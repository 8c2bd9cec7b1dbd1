"""What every room stands on: params, paths, tasks, records, errors, the command line of a stage."""

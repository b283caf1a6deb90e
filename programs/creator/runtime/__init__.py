"""What handlers share. Runs inside Lambda: the standard library and the boto3 of the runtime, nothing else."""

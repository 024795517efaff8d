"""Rules and values. Imports nothing of ours, no boto3, no clock: time and facts are arguments."""

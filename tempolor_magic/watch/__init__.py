"""When to ask the service and what its answers mean. Knows nothing of how it is shown."""

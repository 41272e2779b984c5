"""The calls of the API, by subject: each reads a request, asks the world, and answers."""

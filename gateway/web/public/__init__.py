"""The pages that need no login."""

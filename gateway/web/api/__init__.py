"""The API of organisations: what they may ask, how it is described, who asks."""

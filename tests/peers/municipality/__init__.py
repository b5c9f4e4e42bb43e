"""A municipality's endpoint for signalen: a small program of its own, which uses nothing of the gateway.

It promises to be a real HTTPS server that lets in only clients with a certificate of the right authority, to
check each signaal as a careful receiver would (schema, digest, signature), to keep what it got and open it
with its own key, and to misbehave exactly as told.
"""

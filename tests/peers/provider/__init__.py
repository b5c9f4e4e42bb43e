"""An OpenID provider: a small HTTPS server that logs in whoever the test says, and lies as it is told.

It promises to follow OpenID Connect Core 1.0 (code flow with PKCE) as long as nothing else is asked, with
keys of its own, and to use nothing of the gateway.
"""

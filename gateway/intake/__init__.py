"""Mail comes in: SMTP with TLS, limits, sealing, and one commit for many."""

"""Who may say what: senders, proof of origin, tokens."""

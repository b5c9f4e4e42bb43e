"""Who may log in: accounts, factors, invitations, and the pages to get in."""

"""Getting in: invitations, factors, sessions, and the accounts of those who may."""

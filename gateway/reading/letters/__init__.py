"""What a letter in a thread of ours says: of a practice, of an organisation, or of a mail server. Pure."""

"""Sample mails in two folders, and mails composed from parts."""

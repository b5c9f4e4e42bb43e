"""The mailbox in the browser, and the keys that live there."""

"""The secure mailbox whole: the queue, its API, and the pages on which an organisation opens and reports."""

"""Everything that is kept: tables, and the only code that writes them."""

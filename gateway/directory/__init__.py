"""Who refers, who helps, where, and what was agreed: data that people change while the gateway runs."""

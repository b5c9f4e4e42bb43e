"""Reading processes: hostile bytes are parsed there, away from keys, files and the network."""

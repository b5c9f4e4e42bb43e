"""InBeeld: a secure messaging gateway for warm handovers from general practices to debt organisations."""

__version__ = "0.1.0"

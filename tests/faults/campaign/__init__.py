"""A campaign of faults against running gateways: `python -m tests.faults.campaign`."""

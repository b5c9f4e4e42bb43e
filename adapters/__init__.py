"""Ways to deliver a parcel to an organisation. Nothing in here imports the gateway."""

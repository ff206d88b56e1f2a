"""The privacy gate: finds personal data and credentials in text, and replaces or refuses them."""

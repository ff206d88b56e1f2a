"""Vendors and protocols, one file each, in folders by port."""

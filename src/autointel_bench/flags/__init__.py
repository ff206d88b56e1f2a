"""Flags on against flags off: the same work, fresh processes, proof of the path that ran, equal results."""

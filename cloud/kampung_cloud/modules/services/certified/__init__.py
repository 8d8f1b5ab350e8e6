"""A certified electronic signature on a letter, by BSrE's e-sign service and with its official's own passphrase.

Our own signature (``signing/``) stays on the letter; it has no certified legal force, and the pages say which of the two a letter has.
"""

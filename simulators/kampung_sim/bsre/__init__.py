"""A stand-in for BSrE's e-sign client service. It signs with a certificate that is named SIMULASI and that nobody trusts."""

"""A receipt printer that is none: takes ESC/POS over TCP, answers how it is, and runs out of paper when it is told to."""

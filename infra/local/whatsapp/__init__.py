"""A stand-in for the WhatsApp Cloud API that enforces its rules, and the phones that it reaches."""

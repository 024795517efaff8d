"""Starts and stops the laptop's Okaeri: local AWS, stand-ins, deploy, stores."""

"""A program of its own that hands pictures to a virtual camera; nothing of it is imported by the rest."""

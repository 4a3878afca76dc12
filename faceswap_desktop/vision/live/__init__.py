"""Faces of a camera's pictures, followed and changed as they come: nothing waits for what comes after.

``follow`` finds and follows, ``acquaintances`` knows who is who, ``steady`` takes the trembling away, ``change`` puts
source faces in, ``governor`` keeps it quick enough, and ``stage`` puts it all together: a frame in, a frame out.
"""

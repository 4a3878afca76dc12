"""Makes a face look older or younger. It is stylised: make-up by rules, not a guess at how this person will look.

``face`` does it, ``age`` estimates the apparent age. See decision record 0013 for how, and for what it cannot do.
"""

"""Several processes behind one listener, and the one that minds them.

::

    team      keeps workers running, owns the admin listener, reloads and drains
    port      the address that all workers share
    tally     what all have counted
    process   one worker as the team sees it: started, asked, ended
    worker    the worker itself: the proxy without its admin listener
    start     what it is started with
    channel   what the two say to each other, over a socket that only they have
    adding    the metrics of many processes as those of one                      pure
    families  metrics between the client library, ``adding`` and bytes
    turns     whose turn it is to refresh a session                              pure
    pace      how soon a worker that ended is started again                      pure

Workers share nothing but what goes through here: the settings in force, and turns to refresh. Everything
else they share as replicas do, through Redis.
"""

"""Runs ministack until its starter is gone. Arguments: a file to lock, and a folder to remove at the end.

Standard input is a pipe that the starter holds open: when the starter ends, however it ends, ministack
is told to save and stop. The lock says that it runs, and by whom; a next one waits for it here, so that
two never write the same state.
"""

import fcntl
import os
import shutil
import signal
import sys
import threading

os.umask(0o077)  # what it keeps is for its owner only
lock, *folders = sys.argv[1:]
sys.argv[1:] = []
pipe = os.dup(0)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the functions that ministack starts get no part of the pipe


def stop_with_the_starter():
    while os.read(pipe, 512):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=stop_with_the_starter, daemon=True).start()
holder = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(holder, fcntl.LOCK_EX)
os.ftruncate(holder, 0)
os.write(holder, str(os.getpid()).encode())

from ministack.app import main  # noqa: E402

try:
    main()
finally:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)

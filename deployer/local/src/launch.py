"""Runs ministack until its starter is gone.

Standard input is a pipe that the starter holds open: when the starter ends, however it ends, ministack
is told to save and stop. An argument names a folder that goes with it.
"""

import os
import shutil
import signal
import sys
import threading

pipe = os.dup(0)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the functions that ministack starts get no part of the pipe


def stop_with_the_starter():
    while os.read(pipe, 512):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=stop_with_the_starter, daemon=True).start()
folders = sys.argv[1:]
sys.argv[1:] = []

from ministack.app import main  # noqa: E402

try:
    main()
finally:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)

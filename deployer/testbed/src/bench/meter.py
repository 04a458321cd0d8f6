"""Runs a command and prints what it took: `meter.py OUTPUT COMMAND...`; what the command says goes into OUTPUT."""

import json, os, sys, time

output, *command = sys.argv[1:]
said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
quiet = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_DUP2, said, 1),
    (os.POSIX_SPAWN_DUP2, said, 2),
]
began = time.perf_counter()
child = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - began
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps({
    "wall": wall,
    "cpu": used.ru_utime + used.ru_stime,
    "peak": used.ru_maxrss * unit,
    "exit": os.waitstatus_to_exitcode(status),
}))

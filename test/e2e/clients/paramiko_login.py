"""Logs in with paramiko as Fabric and duplicity do: HOST by ~/.ssh/config, its ProxyCommand included."""
import os
import sys

import paramiko

config = paramiko.SSHConfig.from_path(os.path.expanduser("~/.ssh/config")).lookup(sys.argv[1])
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect(
    config["hostname"],
    port=int(config.get("port", 22)),
    username=config.get("user", sys.argv[2]),
    key_filename=config["identityfile"],
    sock=paramiko.ProxyCommand(config["proxycommand"]),
    allow_agent=False,
    look_for_keys=False,
)
_, stdout, _ = client.exec_command("echo in")
sys.stdout.write(stdout.read().decode())
client.close()

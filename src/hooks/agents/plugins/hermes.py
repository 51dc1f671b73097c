# Written by `hr init hermes`, removed by `hr init hermes --uninstall`. hr-sum:$SUM
# Hands what commands printed to `hr`, which leaves out what says nothing new.
import json
import subprocess


def compact(command=None, output=None, returncode=None, **_):
    """What is shown instead; None leaves the output as it is."""
    try:
        if not isinstance(command, str) or not isinstance(output, str):
            return None
        payload = {"plugin": "hermes", "session": "", "command": command, "exit": returncode, "output": output}
        asked = subprocess.run(
            ["$HR", "hook", "hermes"], input=json.dumps(payload).encode(), capture_output=True, timeout=1
        )
        answer = json.loads(asked.stdout).get("output")
        return answer if isinstance(answer, str) else None
    except Exception:
        return None


def register(ctx):
    ctx.register_hook("transform_terminal_output", compact)

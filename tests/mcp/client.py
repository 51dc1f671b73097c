"""Drives `hr mcp` with the official Python client; called by `tests/mcp/run` with the program's path."""

import asyncio
import os
import re
import sys
import tempfile
import time

from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

HR = sys.argv[1]
TOOLS = ["hr_run", "hr_search", "hr_show", "hr_stats"]


def parameters(home, *arguments):
    # Nothing of the surroundings but PATH: what a client passes on is not much more.
    environment = {"HR_HOME": home, "PATH": os.environ["PATH"]}
    return StdioServerParameters(command=HR, args=["mcp", *arguments], env=environment)


class Calls:
    """The tools as functions that return the text."""

    def __init__(self, client):
        self.client = client

    async def result(self, tool, **arguments):
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        return content.text, bool(result.is_error)

    async def good(self, tool, **arguments):
        text, is_error = await self.result(tool, **arguments)
        assert not is_error, f"{tool} {arguments}: {text}"
        return text

    async def bad(self, expected, tool, **arguments):
        text, is_error = await self.result(tool, **arguments)
        assert is_error, f"{tool} {arguments} is no error: {text}"
        assert expected in text, f"{tool} {arguments}: {text}"


async def round_trip(calls):
    """A command is run, and what was left out of its output is found again."""
    ran = await calls.good("hr_run", command="seq 1 20000; exit 3")
    assert "lines 7-19960 cut" in ran and ran.endswith("[hr: exit 3]"), ran
    handle = re.search(r"\[hr show ([0-9]{9})", ran).group(1)
    assert await calls.good("hr_show", handle=handle, lines="12345-12346") == "12345\n12346\n"
    assert await calls.good("hr_show", handle=handle, grep="^1234[56]$") == "12345:12345\n12346:12346\n"
    assert handle in await calls.good("hr_search", query="12345", limit=1)
    assert handle in await calls.good("hr_show")
    assert (await calls.good("hr_stats")).startswith("1 recording")


async def paging(calls):
    """The pages of a long original are all of it."""
    page = await calls.good("hr_show", handle="last")
    text = ""
    for number in range(1, 1000):
        part, _, turn = page.rpartition(f"[hr: page {number} of ")
        text += part
        if "; next: " not in turn:
            break
        page = await calls.good("hr_show", handle="last", page=number + 1)
    assert text == "".join(f"{line}\n" for line in range(1, 20001)), f"{len(text)} characters in {number} pages"


async def mistakes(calls):
    """Whatever is said, the answer tells what to do, and the next call works."""
    await calls.bad("hr_show without a handle lists", "hr_show", handle="00000000")
    await calls.bad("is not a handle", "hr_show", handle="../../etc/passwd")
    await calls.bad("is not a regular expression", "hr_show", handle="last", grep="(")
    await calls.bad("lines count from 1", "hr_show", handle="last", lines="5--3")
    await calls.bad("from 0 to 100, not -1", "hr_show", handle="last", grep="x", context=-1)
    await calls.bad("there is no page 999", "hr_show", handle="last", page=999)
    await calls.bad("has no parameter `nonsense`", "hr_stats", nonsense=1)
    await calls.bad("`command` is missing", "hr_run")
    await calls.bad("a command was not found", "hr_run", command="no-such-command-here")
    await calls.bad("is no folder", "hr_run", command="ls", cwd="/no/such/folder")
    await calls.bad("nothing in 1 output was found", "hr_search", query="absent")
    try:
        await calls.client.call_tool("hr_nothing", {})
        raise AssertionError("a tool that does not exist was called")
    except MCPError as error:
        assert "there are hr_run" in str(error), error
    stopped = await calls.good("hr_run", command="echo begun; sleep 30", timeout=1)
    assert stopped.startswith("begun\n[hr: stopped after 1 second, exit 143"), stopped
    assert await calls.good("hr_run", command="echo fine") == "fine\n[hr: exit 0]"


async def together(calls):
    """Calls do not wait for each other."""
    start = time.monotonic()
    texts = await asyncio.gather(*(calls.good("hr_run", command=f"sleep 1; echo {n}") for n in range(5)))
    assert texts == [f"{n}\n[hr: exit 0]" for n in range(5)], texts
    assert time.monotonic() - start < 4, "five calls of a second each took longer than four seconds"


async def in_era(mode, version):
    with tempfile.TemporaryDirectory() as home:
        async with Client(parameters(home), mode=mode) as client:
            assert client.protocol_version == version, client.protocol_version
            assert "hr_show" in client.instructions, client.instructions
            listed = (await client.list_tools()).tools
            assert [tool.name for tool in listed] == TOOLS, listed
            calls = Calls(client)
            for part in (round_trip, paging, mistakes, together):
                await part(calls)
    print(f"mcp: the Python client is satisfied, protocol {version}")


async def without_run():
    with tempfile.TemporaryDirectory() as home:
        async with Client(parameters(home, "--no-run")) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert names == TOOLS[1:], names
    print("mcp: --no-run offers no tool that runs commands")


async def main():
    await in_era("legacy", "2025-11-25")
    await in_era("auto", "2026-07-28")
    await without_run()


asyncio.run(asyncio.wait_for(main(), 120))

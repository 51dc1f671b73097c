// Written by `hr init amp`, removed by `hr init amp --uninstall`. hr-sum:$SUM
// Hands what commands printed to `hr`, which leaves out what says nothing new.
import { spawn } from "node:child_process"

export default function (amp: any) {
  amp.on("tool.result", async (event: any) => {
    try {
      const command = amp.helpers?.shellCommandFromToolCall?.(event)
      if (typeof command !== "string" || event.status !== "done" || typeof event.output !== "string") return
      const answer = await ask({ plugin: "amp", session: "", command, output: event.output })
      if (typeof answer.output === "string") return { status: event.status, output: answer.output }
    } catch {}
  })
}

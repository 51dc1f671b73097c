// Written by `hr init opencode`, removed by `hr init opencode --uninstall`. hr-sum:$SUM
// Hands what commands printed to `hr`, which leaves out what says nothing new.
import { spawn } from "node:child_process"

const commands = new Map<string, string>()

export const HrPlugin = async () => ({
  "tool.execute.before": async (input: any, output: any) => {
    try {
      if (input.tool !== "bash" || typeof output.args?.command !== "string") return
      if (commands.size > 200) commands.clear()
      commands.set(input.callID, output.args.command)
    } catch {}
  },
  "tool.execute.after": async (input: any, output: any) => {
    try {
      const command = commands.get(input.callID)
      commands.delete(input.callID)
      if (input.tool !== "bash" || command === undefined || typeof output.output !== "string") return
      if (output.metadata?.truncated) return
      const exit = output.metadata?.exit
      const answer = await ask({ plugin: "opencode", session: input.sessionID, command, exit, output: output.output })
      if (typeof answer.output === "string") output.output = answer.output
    } catch {}
  },
})

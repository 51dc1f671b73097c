// Written by `hr init cline`, removed by `hr init cline --uninstall`. hr-sum:$SUM
// Hands what commands printed to `hr`, which leaves out what says nothing new.
import { spawn } from "node:child_process"

export default {
  name: "hr",
  manifest: { capabilities: ["hooks"] },
  hooks: {
    async afterTool(context: any) {
      try {
        const command = context?.input?.command
        if (typeof command !== "string" || typeof context.result !== "string") return undefined
        const answer = await ask({ plugin: "cline", session: "", command, output: context.result })
        return typeof answer.output === "string" ? { result: answer.output } : undefined
      } catch {
        return undefined
      }
    },
  },
}

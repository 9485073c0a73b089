/** `npm run cli -- <command>`: the process of an operator's command. */
import './platform/start/quick-modules.js'

const { runCommand } = await import('./commands.ts')
process.exitCode = await runCommand(process.argv.slice(2))

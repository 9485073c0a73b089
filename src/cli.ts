/** `npm run cli -- <command>`: the process of an operator's command. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import './platform/start/quick-modules.ts'

// As in main.ts: most of a command's time is loading modules.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/solidarity-pact', import.meta.url)))

const { runCommand } = await import('./commands.ts')
process.exitCode = await runCommand(process.argv.slice(2))

import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../../..')
const quickModules = './src/platform/start/quick-modules.js'

/** Loads the files, and prints what each import led to. */
const recorderOf = (files: readonly string[]) => `
  import { registerHooks } from 'node:module'
  const found = {}
  registerHooks({
    resolve(specifier, context, next) {
      const { url, format } = next(specifier, context)
      found[context.parentURL + ' imports ' + specifier] = url + ' as ' + format
      return { url, format, shortCircuit: true }
    },
  })
  for (const file of ${JSON.stringify(files)}) await import(process.cwd() + '/src/' + file)
  process.exitCode = 0
  process.stdout.write('\\n' + JSON.stringify(found))
`

t.test(
  'every module of the service is found where Node finds it, and read as what Node takes it for',
  async (t) => {
    const whole = ['serve.ts', 'command-databases.ts', 'coordination-command.ts', 'ledger-command.ts']
    const [quick, plain] = await Promise.all([foundBy(whole, ['--import', quickModules]), foundBy(whole)])
    t.ok(Object.keys(plain).length > 1000)
    t.strictSame(quick, plain)
  },
)

t.test('a command that is only asked for its usage loads neither a package nor a feature', async (t) => {
  const found = Object.values(await foundBy(['cli.ts'], ['--import', quickModules]))
  t.ok(found.some((file) => file.includes('/src/commands.ts')))
  t.strictSame(
    found.filter((file) => /node_modules|src\/(pacts|visits|delegates|organisations)/.test(file)),
    [],
  )
})

async function foundBy(files: readonly string[], options: string[] = []): Promise<Record<string, string>> {
  const program = ['--input-type=module', '--eval', recorderOf(files)]
  const { stdout } = await run(process.execPath, [...options, ...program], {
    cwd: root,
    maxBuffer: 10_000_000,
  })
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as Record<string, string>
}

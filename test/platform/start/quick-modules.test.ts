import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../../..')
const quickModules = './src/platform/start/quick-modules.js'

/** Loads the whole service, and prints what each import of it led to. */
const recorder = `
  import { registerHooks } from 'node:module'
  const found = {}
  registerHooks({
    resolve(specifier, context, next) {
      const { url, format } = next(specifier, context)
      found[context.parentURL + ' imports ' + specifier] = url + ' as ' + format
      return { url, format, shortCircuit: true }
    },
  })
  for (const file of ['serve', 'commands']) await import(process.cwd() + '/src/' + file + '.ts')
  console.log(JSON.stringify(found))
`

t.test(
  'every module of the service is found where Node finds it, and read as what Node takes it for',
  async (t) => {
    const [quick, plain] = await Promise.all([foundBy(['--import', quickModules]), foundBy([])])
    t.ok(Object.keys(plain).length > 1000)
    t.strictSame(quick, plain)
  },
)

async function foundBy(options: string[]): Promise<Record<string, string>> {
  const program = ['--input-type=module', '--eval', recorder]
  const { stdout } = await run(process.execPath, [...options, ...program], {
    cwd: root,
    maxBuffer: 10_000_000,
  })
  return JSON.parse(stdout) as Record<string, string>
}

import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { cloneDatabase } from './databases.ts'
import { dataFolder, startService } from './start/service.ts'

t.test('the first session of the README runs when it is pasted, to a visit that is accepted', async (t) => {
  const readme = await readFile(path.resolve(import.meta.dirname, '../README.md'), 'utf8')
  const session = /```sh\n([^]*?)```/.exec(readme)?.[1] ?? ''
  const { url: DATABASE_URL, drop } = await cloneDatabase()
  t.teardown(drop)
  const service = await startService(t, { DATABASE_URL, DATA_FOLDER: await dataFolder(t) })
  await service.prints('See a whole story')
  const operatorToken = /spt_[\w-]+/.exec(service.printed())?.[0] ?? ''

  const { exitCode, output } = await paste(
    session.replace('http://127.0.0.1:3000', service.url),
    operatorToken,
  )

  t.equal(exitCode, 0, output)
  t.match(
    output,
    /^verified\n\[ 'negotiate', 'sign', 'visit', 'vouch' \]\nhttp:\/\/127\.0\.0\.1:\d+\/offer#spl_[\w-]+\naccept\n.+Z\n.+Z\nactive\naccepted\n$/,
  )
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
})

/** `set -e` is not in the README: in a shell that one types into, it would close the shell. */
async function paste(session: string, operatorToken: string): Promise<{ exitCode: number; output: string }> {
  const shell = spawn('bash', ['-s'], {
    env: { ...process.env, OPERATOR_TOKEN: operatorToken, NO_COLOR: '1' },
  })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()))
  shell.stdin.end(`set -e -o pipefail\n${session}`)
  const exitCode = await new Promise<number>((resolve) => shell.once('close', (code) => resolve(code ?? 1)))
  return { exitCode, output }
}

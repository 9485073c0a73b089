/** The files of src, each with its feature, its kind and its imports. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pure, within } from './rules.ts'

export const src = path.resolve(import.meta.dirname, '../../src')
export const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => describe(file.replaceAll(path.sep, '/')))

export type File = ReturnType<typeof describe>

function describe(name: string) {
  const text = readFileSync(path.join(src, name), 'utf8')
  const [feature = ''] = name.split('/')
  return {
    name,
    feature: name.includes('/') ? feature : '',
    kind: kindOf(name),
    text,
    code: withoutComments(text),
    imports: importsOf(name, text),
  }
}

export function kindOf(name: string): string {
  if (pure.includes(name)) return 'pure'
  const base = path.basename(name, '.ts')
  return base in within ? base : 'actions'
}

function importsOf(name: string, text: string): string[] {
  const found = [
    ...text.matchAll(
      /^(?:import|export)\b[^'"]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ]
  return found
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .map((target) => (target.startsWith('.') ? path.posix.join(path.posix.dirname(name), target) : target))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

export const isOurs = (target: string): boolean => target.endsWith('.ts')
export const featureOf = (target: string): string =>
  target.includes('/') ? (target.split('/', 1)[0] as string) : ''
export const features = files.filter((file) => file.feature !== '' && file.feature !== 'platform')

export const every = (file: File) => file.imports.filter(isOurs)

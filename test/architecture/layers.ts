/** The folders of the platform, lowest first. Each may import from earlier ones, and from none of the later ones. */
const layers = [
  'wire',
  'database',
  'actions',
  'ledger',
  'jobs',
  'http',
  'contract',
  'lifecycle',
  'outbound',
  'vault',
  'start',
  'embedded',
]

/** Below all folders: files that every folder may use. Above them: the manifest type, which names something of each. */
const belowAll = [
  'access.ts',
  'clock.ts',
  'failures.ts',
  'ids.ts',
  'node-http.ts',
  'problems.ts',
  'secrets.ts',
]
const aboveAll = ['feature.ts']

type Importing = { readonly name: string; readonly imports: readonly string[] }

/** Names every import from a lower folder to a higher one; so no two folders import each other. */
export function upwardImports(files: readonly Importing[]): string[] {
  return files
    .filter(({ name }) => name.startsWith('platform/'))
    .flatMap(({ name, imports }) =>
      imports
        .filter((target) => target.startsWith('platform/') && target.endsWith('.ts'))
        .filter((target) => heightOf(target) > heightOf(name))
        .map((target) => `${name} uses ${target}`),
    )
}

/** Names every file that has no place in the order. */
export const withoutLayer = (files: readonly Importing[]): string[] =>
  files.map(({ name }) => name).filter((name) => name.startsWith('platform/') && Number.isNaN(heightOf(name)))

/** The height of the folder of a file; NaN for an unknown folder. */
function heightOf(name: string): number {
  const [, folder = ''] = name.split('/')
  if (belowAll.includes(folder)) return 0
  if (aboveAll.includes(folder)) return layers.length + 1
  return layers.includes(folder) ? layers.indexOf(folder) + 1 : NaN
}

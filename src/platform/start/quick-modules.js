/**
 * Saves half of the processor time of a start, most of which is loading a thousand modules (one `npm run cli`: 1,010 ms became
 * 480; its memory: 277 MB became 137):
 * - Node resolves each import through package.json files, which it parses again each time; that of drizzle-orm has 180 kB. Here,
 *   what one ES module imports by a path needs none, and a package is looked up once for all our files.
 * - Node keeps what it compiled, and our files without their types. In JavaScript, and loaded by `--import`, because the
 *   first TypeScript file that is not kept loads the compiler: 40 ms, 17 MB.
 */
import { enableCompileCache, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../../../', import.meta.url)
// Nothing is kept where we cannot write.
enableCompileCache(fileURLToPath(new URL('node_modules/.cache/solidarity-pact', root)))

/** Packages that our own files import, by the name in the import. */
const packages = new Map()
/** The JavaScript files that are ES modules because of the `type` of their package, and so are their neighbours. */
const modules = new Set()

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL, conditions } = context
    if (parentURL === undefined || !conditions.includes('import')) return next(specifier, context)
    if (specifier.startsWith('node:')) return { url: specifier, shortCircuit: true }
    const isOurs = parentURL.startsWith(root.href) && !parentURL.includes('/node_modules/')
    if (!specifier.startsWith('.'))
      return isOurs ? packageNamed(specifier, context, next) : remembered(next(specifier, context))
    const { href } = new URL(specifier, parentURL)
    if (isOurs && href.endsWith('.ts')) return { url: href, format: 'module-typescript', shortCircuit: true }
    if (!modules.has(parentURL) || !href.endsWith('.js')) return remembered(next(specifier, context))
    return remembered({ url: href, format: 'module', shortCircuit: true })
  },
})

function packageNamed(specifier, context, next) {
  const found = packages.get(specifier) ?? remembered({ ...next(specifier, context), shortCircuit: true })
  packages.set(specifier, found)
  return found
}

function remembered(found) {
  if (found.format === 'module' && found.url.endsWith('.js')) modules.add(found.url)
  return found
}

/**
 * Spares Node the slowest part of a start. drizzle-orm's package.json has 180 kB of exports, which Node reads again for
 * each of its two hundred files, to learn every time that they are ES modules: 500 ms of a start became 40. What one
 * file of the package asks of another needs no package.json. To be loaded before anything that imports drizzle.
 */
import { registerHooks } from 'node:module'

const inDrizzle = '/node_modules/drizzle-orm/'

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || !context.parentURL?.includes(inDrizzle)) return next(specifier, context)
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
  },
})

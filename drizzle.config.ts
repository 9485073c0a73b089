import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  casing: 'snake_case',
  // The features first: they name the powers and ledger objects that checks and indexes list.
  schema: [
    './src/features.ts',
    './src/**/tables.ts',
    './src/platform/ledger/ledger.ts',
    './src/platform/ledger/leaves.ts',
    './src/platform/ledger/reasons.ts',
    './src/platform/actions/idempotency.ts',
  ],
  // The check generates into a copy.
  out: process.env['MIGRATIONS_FOLDER'] ?? './migrations',
  migrations: { schema: 'public', table: 'migrations' },
})

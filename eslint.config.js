import tseslint from 'typescript-eslint'

const restrictions = [
  { selector: 'ExportDefaultDeclaration', message: 'A named export keeps one name everywhere.' },
  { selector: 'TSEnumDeclaration', message: 'Use `as const`.' },
  {
    selector: 'ClassDeclaration:not([id.name="Problem"])',
    message: 'Functions and plain objects say the same with less; Problem is the one class.',
  },
]

// Tools that ask for a default export, and nothing else.
// Dates and times of the machine's zone; Temporal and toISOString say which zone they mean.
const localTime = [
  {
    selector:
      'CallExpression > MemberExpression[property.name=/^([gs]et(Date|Day|FullYear|Hours|Minutes|Month|Seconds|Milliseconds)|getTimezoneOffset|to(Date|Time)String|toLocale(Date|Time)?String)$/]',
    message: 'The zone of the machine must change no date: use UTC, or a zone by its name (zones.ts).',
  },
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length>1]',
    message: 'This means the zone of the machine: use Date.UTC.',
  },
]

const filesOfTools = ['eslint.config.js', 'drizzle.config.ts', 'bench/autocannon.d.ts']

export default tseslint.config(
  { ignores: ['node_modules/', '.generated/', '.tap/', 'data/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        // tap waits for its subtests by itself.
        {
          allowForKnownSafePromises: [
            { from: 'package', name: 'PromiseWithSubtest', package: '@tapjs/core' },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      // Spread, a row of a prepared statement loses its fields: platform/database/rows.ts.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Interfaces here are closures; none of them has a `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Fastify's handlers and plugins are async by contract, with or without something to wait for.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...restrictions],
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'scripts/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...restrictions, ...localTime] },
  },
  { files: ['src/**'], rules: { 'max-lines': ['error', 300] } },
  { files: filesOfTools, rules: { 'no-restricted-syntax': 'off' } },
  // What an answer holds is checked by the test's or the story's own expectations, and against the contract.
  {
    files: ['test/**', 'scripts/story/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
  // What talks to a person at a terminal.
  {
    files: [
      'src/main.ts',
      'src/serve.ts',
      'src/serve-many.ts',
      'src/cli.ts',
      'src/commands.ts',
      'src/ledger-command.ts',
      'src/operator-token-command.ts',
      'src/keys-command.ts',
      'src/coordination-command.ts',
      'scripts/**',
      'bench/**',
      'test/run.ts',
      'test/suite/processes.ts',
      'test/guards/run.ts',
      'test/fuzz/tally.ts',
      'test/contract-coverage.ts',
    ],
    rules: { 'no-console': 'off' },
  },
)

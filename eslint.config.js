import tseslint from 'typescript-eslint'

const defaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'A named export keeps one name everywhere.',
}

// Tools that ask for a default export, and nothing else.
const filesOfTools = ['eslint.config.js', 'drizzle.config.ts']

export default tseslint.config(
  { ignores: ['node_modules/', '.tap/', 'data/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Fastify's handlers and plugins are async by contract, with or without something to wait for.
      '@typescript-eslint/require-await': 'off',
      'eqeqeq': 'error',
      'max-len': ['error', { code: 110, ignoreUrls: true, ignoreStrings: false, ignoreTemplateLiterals: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', defaultExport,
        { selector: 'TSEnumDeclaration', message: 'Use `as const`.' },
        {
          selector: 'ClassDeclaration:not([id.name="Problem"])',
          message: 'Functions and plain objects say the same with less; Problem is the one class.',
        }],
      'prefer-const': 'error',
      'quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
      'semi': ['error', 'never'],
    },
  },
  { files: ['src/**'], rules: { 'max-lines': ['error', 300] } },
  { files: filesOfTools, rules: { 'no-restricted-syntax': 'off' } },
  // What talks to a person at a terminal.
  { files: ['src/main.ts', 'src/cli.ts', 'scripts/**', 'bench/**', 'test/run.ts'], rules: { 'no-console': 'off' } },
)

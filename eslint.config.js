import { defineConfig } from 'eslint/config'
import { importX } from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'
import { expectedErrors } from './lint/expected-errors.js'
import { folderCircles } from './lint/folder-circles.js'

/** Imports point downward only (docs/architecture.md): one rule per layer names what it must not reach. */
const layer = (files, group, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
})

const EXIT = { object: 'process', property: 'exit', message: 'throw; the command exits' }
const TIMERS = 'time is the Clock port (src/time-limit.ts for a limit)'
const TIMER_IMPORT = { selector: 'ImportDeclaration[source.value=/^(node:)?timers/]', message: TIMERS }
const YAML =
  'domain/manifest/yaml.ts reads what helm reads, domain/manifest/write-yaml.ts writes what every reader takes alike'

const world = ['@kubernetes/*', 'execa', 'zx']

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'k8s/sandbox/', 'examples/', 'test/cases/', 'test/charts/*/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true } },
    settings: { 'import-x/extensions': ['.ts', '.js'], 'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] } },
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { requireDefaultForNonUnion: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': ['error', EXIT],
    },
  },
  {
    // Programs that start before there are types, and settings: without those rules that ask for types.
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.recommended],
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
      'no-undef': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
    languageOptions: {
      globals: {
        process: 'readonly',
        URL: 'readonly',
        AbortController: 'readonly',
        performance: 'readonly',
        console: 'readonly',
      },
    },
  },
  {
    // Time is the Clock's: a test can make five minutes pass at once, and no timer is forgotten.
    files: ['src/**', 'commands/**', 'bin/**'],
    ignores: ['src/adapters/clock.ts'],
    rules: {
      'no-restricted-globals': ['error', ...['setTimeout', 'setInterval'].map((name) => ({ name, message: TIMERS }))],
      'no-restricted-properties': [
        'error',
        EXIT,
        { object: 'AbortSignal', property: 'timeout', message: TIMERS },
        ...['setTimeout', 'setInterval'].map((property) => ({ object: 'globalThis', property, message: TIMERS })),
      ],
      'no-restricted-syntax': ['error', TIMER_IMPORT],
    },
  },
  {
    // One reader and one writer of what helm and Kubernetes read; what people wrote is read with its places.
    files: ['src/**'],
    ignores: [
      'src/adapters/clock.ts',
      'src/domain/manifest/{yaml,yaml-values,unreadable}.ts',
      'src/domain/config/{document,parsed}.ts',
      'src/domain/images/compose.ts',
      // For people, without quotes where a person needs none.
      'src/domain/evidence/objects.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        TIMER_IMPORT,
        { selector: 'ImportDeclaration[source.value=/^(js-)?yaml$/]', message: YAML },
      ],
    },
  },
  {
    // No new circles between the folders of flows; these are left from when all worked around one context.
    files: ['src/flows/**'],
    plugins: { circles: { rules: { folders: folderCircles } } },
    rules: {
      'circles/folders': ['error', { root: `${import.meta.dirname}/src/flows` }],
    },
  },
  {
    // Only what is expected may end in a verdict, a finding or "unknown". The stack of a bug is written down whatever happens, and a
    // lock that cannot be renewed is lost, with the cause, whatever that is. Evidence stands in no way
    // back. What cannot be unpacked is a garbled entry. By an error of its own `fetch` says that nothing has answered.
    files: ['src/flows/**', 'src/domain/**', 'src/screen/**', 'src/adapters/**', 'src/cli/**', 'commands/**'],
    ignores: [
      'src/adapters/images/registry.ts',
      'src/adapters/tools/helm-download.ts',
      'src/flows/restore/stack.ts',
      'src/flows/state/evidence.ts',
      'src/flows/state/held-lease.ts',
      'src/flows/state/journal.ts',
    ],
    plugins: { forge: { rules: { 'expected-errors': expectedErrors } } },
    rules: { 'forge/expected-errors': 'error' },
  },
  {
    files: ['test/**'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // `document<Report>(ran)`: the test knows what a command prints, the parser does not.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  layer(
    ['src/domain/**'],
    [
      'node:*',
      ...world,
      'listr2',
      '@oclif/*',
      '**/adapters/**',
      '**/flows/**',
      '**/cli/**',
      '**/screen/**',
      '**/ports.ts',
      '**/charts-port.ts',
      '**/images-port.ts',
    ],
    'domain is pure, and its words are in src/screen',
  ),
  layer(
    ['src/screen/**'],
    [
      'node:*',
      ...world,
      'listr2',
      '@oclif/*',
      '**/adapters/**',
      '**/flows/**',
      '**/cli/**',
      '**/ports.ts',
      '**/charts-port.ts',
      '**/images-port.ts',
    ],
    'screens make words of what the domain knows',
  ),
  layer(
    ['src/flows/**'],
    ['node:*', ...world, '@oclif/*', '**/adapters/**', '**/cli/**', '**/commands/**'],
    'flows reach the world through ports',
  ),
  layer(
    ['src/adapters/**'],
    ['**/flows/**', '**/cli/**', '**/screen/**', '**/commands/**', '@oclif/*'],
    'adapters know ports and domain',
  ),
  layer(['src/cli/**'], ['**/commands/**', ...world], 'only adapters touch the world'),
  layer(
    ['commands/**'],
    ['node:*', ...world, '**/adapters/**', '**/domain/**', '**/screen/**'],
    'a command parses, wires, runs, prints',
  ),
  layer(
    ['src/ports.ts', 'src/charts-port.ts'],
    ['node:*', '**/adapters/**', '**/flows/**', '**/cli/**', '**/screen/**'],
    'ports speak of domain types',
  ),
)

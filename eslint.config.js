import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { importZones } from './.ci/import-zones.js';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/**', 'test/fixtures/', 'test-output/'] },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx', 'drivers/**/*.ts', 'simulators/**/*.ts', 'test/**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './src/console/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ noWarnOnMultipleProjects: true, project: ['./tsconfig.json', './src/console/tsconfig.json'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: importZones }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { boolean: true } }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // `as number` says "a typed array has this row"; the other strict rule forbids `!`.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
  {
    // Deciding code is given its clock, timers and chance; only src/platform, simulators' own worlds and tests take them.
    files: ['src/**/*.ts', 'drivers/**/*.ts'],
    ignores: ['src/platform/**', 'src/client-sdk/**', 'src/console/**'],
    rules: {
      'no-restricted-globals': ['error', ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'fetch'].map((name) => ({ name, message: 'take it from the platform that you are given' }))],
      'no-restricted-properties': ['error',
        { object: 'Date', property: 'now', message: 'use the Clock that you are given' },
        { object: 'Math', property: 'random', message: 'use the Random that you are given' }],
      'no-restricted-imports': ['error', { paths: ['net', 'node:net', 'dgram', 'node:dgram', 'tls', 'node:tls'].map((name) => ({ name, message: 'sockets come from the Network that you are given (src/platform)' })).concat({ name: 'serialport', message: 'serial ports come from the Network that you are given (src/platform)' }) }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-unused-expressions': 'off' },
  },
);

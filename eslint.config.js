import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      // uvu exits 0 when a hook throws, when run() is forgotten, when .only is left in; test/kit closes each of these.
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'uvu', message: 'Import test from #test/suite: uvu alone can pass without having run.' }] },
      ],
    },
  },
  // What these print is their product.
  {
    files: ['scripts/**', 'bench/**', 'images/src/progress.ts', 'test/kit/**', 'test/e2e/**', 'test/server/**', 'test/storm/main.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['test/kit/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['controller/src/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ForStatement CallExpression[callee.object.name="Date"][callee.property.name="now"]',
          message: "Wait by performance.now(): the host's time jumps.",
        },
      ],
    },
  },
);

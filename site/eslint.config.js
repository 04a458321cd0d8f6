import pluginVue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'lighthouse/node_modules/', 'src/lib/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  // What is left out of an object has to be named.
  { rules: { '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] } },
  ...pluginVue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // The delivered policy is `default-src 'self'` with Trusted Types: neither would run.
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always' } }],
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: ['src/lib/api/**'],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Only src/lib/api talks to the server.' }],
      'no-restricted-imports': ['error', { paths: [{ name: 'openapi-fetch', message: 'Only src/lib/api talks to the server.' }] }],
    },
  },
  { files: ['src/**/*.test.ts'], rules: { 'no-restricted-globals': 'off' } },
)

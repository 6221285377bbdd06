const read = (pattern: string, ...capabilities: string[]): string =>
  `path "${pattern}" { capabilities = [${(capabilities.length === 0 ? ['read'] : capabilities).map((one) => `"${one}"`).join(', ')}] }`

/** What policies let of reading `secret/data/shop/app`: asked of forge (unit/vault-policy), and of a real server (vault/checks). */
export const POLICIES: readonly (readonly [what: string, policies: readonly string[], leave: string])[] = [
  ['the path itself', [read('secret/data/shop/app')], 'allowed'],
  ['with a leading slash', [read('/secret/data/shop/app')], 'allowed'],
  ['another one', [read('secret/data/shop/ap')], 'denied'],
  ['without the data of version 2', [read('secret/shop/app')], 'denied'],
  ['below it', [read('secret/data/shop/app/*')], 'denied'],
  ['what begins so', [read('secret/data/shop/*')], 'allowed'],
  ['what begins so, within a segment', [read('secret/data/shop/a*')], 'allowed'],
  ['all', [read('*')], 'allowed'],
  ['a star in the middle is none', [read('secret/*/shop/app')], 'denied'],
  ['one segment', [read('secret/data/+/app')], 'allowed'],
  ['one segment and all below', [read('secret/+/*')], 'allowed'],
  ['too many segments', [read('secret/data/+/+/app')], 'denied'],
  ['other capabilities', [read('secret/data/shop/app', 'list', 'update')], 'denied'],
  ['two policies together', [read('secret/data/shop/app', 'list'), read('secret/data/shop/app')], 'allowed'],
  ['a denial wins', [read('secret/data/shop/app'), read('secret/data/shop/app', 'deny')], 'denied'],
  ['the longer pattern wins', [read('secret/data/shop/*'), read('secret/data/shop/ap*', 'list')], 'denied'],
  ['a denial that is less exact says nothing', [read('secret/*', 'deny'), read('secret/data/shop/app')], 'allowed'],
  ['a later wildcard wins', [read('secret/+/shop/app', 'deny'), read('secret/data/*')], 'allowed'],
  ['an end without a star wins', [read('secret/data/+/*', 'deny'), read('secret/data/+/app')], 'allowed'],
  ['fewer segments win', [read('secret/+/+/app', 'deny'), read('secret/+/shop/app')], 'allowed'],
  ['the old way', ['path "secret/data/shop/*" { policy = "read" }'], 'allowed'],
  ['JSON', ['{"path":{"secret/data/shop/app":{"capabilities":["read"]}}}'], 'allowed'],
  [
    'settings of writing',
    [
      '# Ours\npath "secret/data/shop/app" {\n  capabilities = ["read"] // so\n  allowed_parameters = { "*" = [] }\n}\n',
    ],
    'allowed',
  ],
]

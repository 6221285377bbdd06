/** Words of a name (between underscores, dashes, dots, or by capitals) that speak of something secret. */
const SECRET_WORDS = new Set([
  'secret',
  'secrets',
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'pass',
  'pw',
  'token',
  'key',
  'apikey',
  'credential',
  'credentials',
  'salt',
])

const KNOWN_FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/u,
  /^(?:ghp|gho|ghs|ghr)_[A-Za-z0-9]{20,}$/u,
  /^github_pat_\w{20,}$/u,
  /^glpat-[\w-]{16,}$/u,
  /^sk[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{20,}$/u,
  /^xox[abprs]-[\w-]{10,}$/u,
  /^(?:AKIA|ASIA)[0-9A-Z]{16}$/u,
  /^AIza[\w-]{30,}$/u,
  /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/u,
]

/** What is called so, and is hexadecimal, is a commit or a digest: everybody may know it. */
const REVISION_WORDS = new Set('tag digest commit sha sha1 sha256 revision version checksum ref build'.split(' '))

/** Why a value of a ConfigMap looks like a secret, in words that do not repeat it; undefined when it does not. */
export function looksSecret(name: string, value: string): string | undefined {
  return saysSecret(name, value) ?? (looksRandom(name, value) ? 'a long random value' : undefined)
}

/** The part of it that the name has no say in, but for what a commit or a digest is called. */
export function looksRandom(name: string, value: string): boolean {
  return isRandom(value) && !isRevision(name, value)
}

/** The same without what the digest of an image, or a commit, looks like as well. */
export function saysSecret(name: string, value: string): string | undefined {
  if (value === '' || /^(?:true|false)$/iu.test(value)) return undefined
  if (namesSecret(name) && !isPathOfFile(name, value)) return 'by its name'
  if (hasUrlPassword(value)) return 'a URL with a password'
  return KNOWN_FORMS.some((form) => form.test(value)) ? 'by the form of its value' : undefined
}

/** Text of a whole file: only what cannot be anything else. */
export function holdsPrivateKey(text: string): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/u.test(text)
}

function namesSecret(name: string): boolean {
  return wordsOf(name).some((word) => SECRET_WORDS.has(word))
}

function isRevision(name: string, value: string): boolean {
  return /^[0-9a-f]{40,64}$/iu.test(value) && wordsOf(name).some((word) => REVISION_WORDS.has(word))
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
}

/** `POSTGRES_PASSWORD_FILE=/run/secrets/…` says where the secret is, not what. */
function isPathOfFile(name: string, value: string): boolean {
  return /[_-](?:file|path|dir)$/iu.test(name) && /^\.{0,2}\/\S*$/u.test(value)
}

function hasUrlPassword(value: string): boolean {
  const password = /[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:([^\s@/]+)@/iu.exec(value)?.[1]
  return password !== undefined && !/^(?:\$\{?\w+\}?|<[^>]+>|\*+)$/u.test(password)
}

/** Base64 or hex of at least 128 bits. Names, paths, versions, UUIDs and commit-like words are not. */
function isRandom(value: string): boolean {
  if (/^[0-9a-f]{32,}$/iu.test(value)) return bitsPerCharacter(value) > 3
  if (!/^[A-Za-z0-9+/_=-]{24,}$/u.test(value)) return false
  const classes = [/[a-z]/u, /[A-Z]/u, /\d/u].filter((kind) => kind.test(value)).length
  return classes === 3 && bitsPerCharacter(value) > 3.9
}

/** Shannon entropy of the characters. */
function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - (count / value.length) * Math.log2(count / value.length), 0)
}

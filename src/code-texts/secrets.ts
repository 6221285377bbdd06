import type { SECRET_CODES } from '../secret-codes.ts'
import { said, type CodeText } from './text.ts'

export const SECRET_TEXTS = {
  E_SECRET_CONSUMERS: said(
    'The chart or the configuration has changed since the last deploy, and a restart would bring that too.',
    'the chart of app here has another hook migrate than the one that runs: a restart alone would run it',
    ['Deploy: the secret goes with it.', 'forge deploy --env ENV'],
  ),
  E_SECRET_EMPTY: said(
    'An empty password is valid to many programs, and never meant.',
    'infra/secrets/keys/token.txt is empty (needed by secret app-secrets, key token)',
    ['Make what can be made.', 'forge secrets generate --env ENV'],
    'Else put the value there.',
  ),
  E_SECRET_HELD: said(
    'To overwrite it may lock out whoever put the value there.',
    'Secret/app-secrets was changed by kubectl since #41: key token',
    ['Which keys differ?', 'forge secrets diff --env ENV'],
    ['Overwrite it, this once.', 'forge secrets apply --env ENV --overwrite-drift'],
  ),
  E_SECRET_IMMUTABLE: said(
    'Somebody set `immutable: true`, which nobody can take back.',
    'Secret/app-secrets is immutable',
    ['Who uses it?', 'kubectl -n NAMESPACE describe secret NAME'],
    'Give the secret a new name in forge.yaml, or delete it while nothing uses it.',
  ),
  E_SECRET_INVALID: said(
    'Pods would start with it and fail at the first connection.',
    'server.crt expired on 2026-10-01',
    ['What does the certificate say?', 'openssl x509 -in FILE -noout -text'],
    ['Make it anew, where forge makes it.', 'forge secrets generate --env ENV --force SECRET'],
  ),
  E_SECRET_IN_CLUSTER: said(
    'The database was set up with the old password: with a new one nobody gets in.',
    'secret postgres-auth, key password is in the cluster and not here',
    ['Fetch what runs.', 'forge secrets pull --env ENV'],
  ),
  E_SECRET_MISSING: said(
    'The key has no `generate`, so somebody has to bring its value.',
    'nobody has a value for secret app-secrets, key oidc_google',
    'Put the file or the variable there that forge.yaml names.',
    ['Or make what can be made.', 'forge secrets generate --env ENV'],
  ),
  E_SECRET_NEWLINE: said(
    'Editors end a file with a newline; a password with one is another password.',
    'keys/token.txt ends with a newline (key token of secret app-secrets)',
    'Say `trim: newline` beside the file in forge.yaml, or write the file without it.',
  ),
  E_SECRET_PLACEHOLDER: said(
    'A value such as `changeme` gets into production from an example, and works.',
    '.env:9: OIDC_SECRET is "your-key"',
    'Put the real value there.',
    ['Check again.', 'forge secrets diff --env ENV'],
  ),
  E_SECRET_REVISION: said(
    'Somebody edited or deleted the Secrets that forge keeps for the way back.',
    'revision 6 of secret app-secrets is not kept any more',
    ['Which revisions are there?', 'forge secrets list --env ENV'],
    ['Keep a new one.', 'forge deploy --env ENV'],
  ),
  E_SECRET_REVISION_NEWER: said(
    'Its format is newer than this forge knows, and half an understanding would lose values.',
    'revision 7 of secret app-secrets was written by forge 2.1.0',
    ['Which version is this?', 'forge --version'],
    'Go back with the forge that kept it, or with a newer one.',
  ),
  E_SECRET_ROTATION: said(
    'The other half is at a provider, or in a database that has to be told.',
    'secret app-secrets, key oidc_google says `rollback: keep`: its other half lives elsewhere',
    'Change it there, put the new value into its source, then deploy (docs/secrets.md, "Rotating").',
    ['Which keys are there?', 'forge secrets list --env ENV'],
  ),
  E_SECRET_SOURCE: said(
    'Files with secrets are not in git, and variables are not in every shell.',
    'keys/token.txt is missing (needed by secret app-secrets, key token)',
    ['Make what can be made.', 'forge secrets generate --env ENV'],
    ['Or fetch what the cluster holds.', 'forge secrets pull --env ENV'],
  ),
  E_SECRET_TYPE: said(
    'The type of a Secret (Opaque, kubernetes.io/tls) is fixed when it is made.',
    'Secret/web-tls is Opaque, and forge.yaml says kubernetes.io/tls',
    ['Who uses it?', 'kubectl -n NAMESPACE describe secret NAME'],
    'Give the secret a new name in forge.yaml, or delete it while nothing uses it.',
  ),
  E_SECRET_VAULT: said(
    'Whoever reads the path would get another value than the one that others were told.',
    'version 3 of secret/shop/app in Vault is deleted (needed by secret app)',
    ['What is there?', 'vault kv metadata get PATH'],
    ['Bring it back.', 'vault kv undelete -versions=N PATH'],
    ['Then make what is missing.', 'forge secrets generate --env ENV'],
  ),
} as const satisfies Record<keyof typeof SECRET_CODES, CodeText>

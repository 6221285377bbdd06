import type { ErrorCode } from '../errors.ts'
import type { VerdictCode } from '../verdict-codes.ts'
import { BACKUP_TEXTS } from './backup.ts'
import { CLUSTER_TEXTS } from './cluster.ts'
import { DEPLOY_TEXTS } from './deploys.ts'
import { FOLLOW_TEXTS } from './follow.ts'
import { INIT_TEXTS } from './init.ts'
import { LOOK_TEXTS } from './look.ts'
import { MIGRATE_TEXTS } from './migrate.ts'
import { PAUSE_TEXTS } from './pause.ts'
import { PLAIN_TEXTS } from './plain.ts'
import { PREVIEW_TEXTS } from './preview.ts'
import { PROJECT_TEXTS } from './project.ts'
import { SECRET_TEXTS } from './secrets.ts'
import type { CodeText } from './text.ts'
import { IMAGE_TEXTS, TOOL_TEXTS } from './tools.ts'
import { VAULT_TEXTS } from './vault.ts'

/** Of every code that is no verdict. */
export const CODE_TEXTS: Readonly<Record<Exclude<ErrorCode, VerdictCode>, CodeText>> = {
  ...BACKUP_TEXTS,
  ...CLUSTER_TEXTS,
  ...DEPLOY_TEXTS,
  ...FOLLOW_TEXTS,
  ...IMAGE_TEXTS,
  ...INIT_TEXTS,
  ...LOOK_TEXTS,
  ...MIGRATE_TEXTS,
  ...PAUSE_TEXTS,
  ...PLAIN_TEXTS,
  ...PREVIEW_TEXTS,
  ...PROJECT_TEXTS,
  ...SECRET_TEXTS,
  ...TOOL_TEXTS,
  ...VAULT_TEXTS,
}

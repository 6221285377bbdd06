import { rollbackTests } from '../support/rollback-kinds.ts'

rollbackTests(3)

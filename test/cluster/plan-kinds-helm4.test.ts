import { describe } from '@jest/globals'
import { provePlans } from '../support/plan-kinds.ts'
import { provePlansOnTheWay } from '../support/plan-walk.ts'

/** The short form of `npm run test:plans`: each kind of change once, half of them with the other major of helm. */
describe('with helm 4', () => {
  provePlans(4, 'short')
  provePlansOnTheWay(4, 2)
})

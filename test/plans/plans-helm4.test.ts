import { describe } from '@jest/globals'
import { provePlans } from '../support/plan-kinds.ts'
import { provePlansOnTheWay } from '../support/plan-walk.ts'

describe('with helm 4', () => {
  provePlans(4, 'long')
  provePlansOnTheWay(4, 1)
  provePlansOnTheWay(4, 2)
})

import { describe } from '@jest/globals'
import { provePlans } from '../support/plan-kinds.ts'
import { provePlansOnTheWay } from '../support/plan-walk.ts'

describe('with helm 3', () => {
  provePlans(3, 'long')
  provePlansOnTheWay(3, 1)
  provePlansOnTheWay(3, 2)
})

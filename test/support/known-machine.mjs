// Imported before forge (NODE_OPTIONS): who deploys, from where, takes up as many columns on every machine.
import os from 'node:os'
import { syncBuiltinESMExports } from 'node:module'

const { userInfo } = os
os.hostname = () => 'laptop'
os.userInfo = (options) => ({ ...userInfo(options), username: 'ada' })
syncBuiltinESMExports()

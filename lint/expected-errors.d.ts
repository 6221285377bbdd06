import type { Rule } from 'eslint'

export declare const expectedErrors: Rule.RuleModule

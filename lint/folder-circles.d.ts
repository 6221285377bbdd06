import type { Rule } from 'eslint'

export declare const folderCircles: Rule.RuleModule

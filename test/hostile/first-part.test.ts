import { attackPart } from './attack-registry.ts'

attackPart(0)

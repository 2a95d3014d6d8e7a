/*
 * Replaces the checks of declarations in all bundles: synthesis has checked what is deployed, with the same code and the
 * same settings.
 */

export function checkGrid(): void {}

export function checkJobSpec(): void {}

export function checkOverridable(): void {}

export function checkResolved(): void {}

export function checkCron(): void {}

export function checkZone(): void {}

export function checkUpstreamSpec(): void {}

export function checkByDefault(): void {}

export function checkLimits(): void {}

export function checkSecret(): void {}

export function checkEscalation(): void {}

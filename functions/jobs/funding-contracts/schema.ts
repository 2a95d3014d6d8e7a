/** It is read by the job of the rates only: no route of its own. */
export const schemas = {}

/** An origin whose pages may read: scheme, host and port, no path and no pattern. */
export const ORIGIN_PATTERN = /^https?:\/\/[^/*,\s]+$/

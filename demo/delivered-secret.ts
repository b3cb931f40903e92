/**
 * The secret of the store that the operator delivers, and what it writes of it; the setting `kvSeeds` may provide its
 * values.
 */
export const deliveredSecret = {
  name: "webapp/config",
  transformation: { excludeRaw: true },
} as const;
